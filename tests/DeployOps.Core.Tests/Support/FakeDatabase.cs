using System.Collections.Concurrent;
using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;

namespace DeployOps.Core.Tests.Support;

/// <summary>A database with a history of migrations and one table that is only counted.</summary>
internal sealed class FakeDatabase : IDatabase, IMigrationTarget, IValidationTarget, IBackupTarget, IStateTarget, IHistoryTarget
{
    private FakeDatabase? copy;

    public List<AppliedMigration> History { get; } = [];

    /// <summary>What its schema hashes to after so many scripts. Default: the same after each.</summary>
    public Func<IReadOnlyList<string>, string> Schema { get; set; } = _ => "schema";

    /// <summary>What was asked for each time it was opened, in order.</summary>
    public ConcurrentQueue<DatabaseSpec> Opened { get; } = [];

    /// <summary>How many replicas follow it; null where nobody knows.</summary>
    public int? Replicas { get; set; }

    /// <summary>What a watch over its scripts would not see.</summary>
    public IReadOnlyList<string> Unseen { get; set; } = [];

    /// <summary>What reaches beyond it, in words, of so many scripts and queries; null where nothing does.</summary>
    public Func<IReadOnlyList<MigrationScript>, IReadOnlyList<ValidationQuery>, string?> Beyond { get; set; } = (_, _) => null;

    /// <summary>What was begun and did not end.</summary>
    public List<BegunMigration> Begun { get; } = [];

    /// <summary>Why its server cannot keep within it what is tried on it; null where it does.</summary>
    public string? Open { get; set; }

    /// <summary>Whether a script was refused for a right that is withheld on this copy.</summary>
    public Func<DeployOpsException, bool> Withholds { get; set; } = _ => false;

    /// <summary>What was run, in order.</summary>
    public List<string> Acts { get; } = [];

    /// <summary>What happens while the copy that is to take its place is filled.</summary>
    public Action BesideIsFilled { get; set; } = () => { };

    /// <summary>Asked before a restore changes anything, to fail it.</summary>
    public Action BeforeRestore { get; set; } = () => { };

    /// <summary>What would keep a backup from being put back.</summary>
    public RestoreHindrance? Hindrance { get; set; }

    /// <summary>How often what a restore left was put right.</summary>
    public int Mended { get; private set; }

    /// <summary>Asked before each act with its words, such as <c>apply V1__orders.sql</c>, <c>history</c> or <c>backup</c>: to fail it.</summary>
    public Action<string> BeforeAct { get; set; } = _ => { };

    /// <summary>What whoever observes a script is told.</summary>
    public Action<IMigrationObserver> Watch { get; set; } = _ => { };

    /// <summary>What a validation query answers.</summary>
    public Func<string, QueryAnswer> Answer { get; set; } = _ => throw new NotSupportedException("no test asks");

    /// <summary>What a backup holds when it is restored into a scratch place.</summary>
    public Func<DatabaseFingerprint, DatabaseFingerprint> ReadBack { get; set; } = fingerprint => fingerprint;

    /// <summary>True where the live table has a column more than the backup, until that is restored.</summary>
    public bool AddsColumn { get; set; }

    /// <summary>What the live table holds in columns that the backup has not.</summary>
    public IReadOnlyList<AddedColumn> Added { get; set; } = [];

    /// <summary>What another tool left; null where there is no such table.</summary>
    public IReadOnlyList<ForeignMigration>? Foreign { get; set; }

    IHistoryTarget IDatabase.History => this;

    /// <summary>What it consists of, each time it is asked; null where it does not say.</summary>
    public Func<StateMoment, DatabaseState>? State { get; set; }

    public IStateTarget? States => State is null ? null : this;

    public long Orders { get; set; } = 10;

    /// <summary>What a backup is restored into to be tried on; it begins with no history.</summary>
    public FakeDatabase Copy => copy ??= new FakeDatabase { Answer = Answer };

    public IMigrationTarget Migrations => this;

    public IValidationTarget Validations => this;

    public IBackupTarget Backups => this;

    public DatabaseFingerprint Fingerprint() => new(Schema(Acts), [new TableFingerprint("orders", Orders, $"hash of {Orders}")]);

    public Task<string?> ConfineAsync(CancellationToken cancellationToken) => Task.FromResult(Open);

    public string? WhyWithheld(DeployOpsException refusal) => Withholds(refusal) ? "on the copy the server gives no right beyond it" : null;

    public Task<string?> FindBeyondAsync(IReadOnlyList<MigrationScript> scripts, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken) => Task.FromResult(Beyond(scripts, queries));

    public Task<IReadOnlyList<AppliedMigration>> ReadHistoryAsync(CancellationToken cancellationToken)
    {
        BeforeAct("history");
        return Task.FromResult<IReadOnlyList<AppliedMigration>>([.. History]);
    }

    public Task<IReadOnlyList<BegunMigration>> ReadBegunAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<BegunMigration>>([.. Begun]);

    public Task EnsureHistoryAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public bool IsBookkeeping(string table) => table == "history";

    public Task<IReadOnlyList<string>> FindUnseenAsync(CancellationToken cancellationToken) => Task.FromResult(Unseen);

    public Task<IReadOnlyList<ReplicaState>> ReplicasAsync(TimeSpan longest, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ReplicaState>>([.. Enumerable.Range(1, Replicas ?? 0).Select(number => new ReplicaState($"replica {number}", 0, TimeSpan.Zero))]);

    public Task<int?> CountReplicasAsync(CancellationToken cancellationToken) => Task.FromResult(Replicas);

    public async Task ApplyAsync(MigrationScript script, string appliedBy, IMigrationObserver observer, CancellationToken cancellationToken)
    {
        BeforeAct($"apply {script.FileName}");
        Watch(observer);
        await (observer.BeforeCommit?.Invoke(this, cancellationToken) ?? Task.CompletedTask);
        Acts.Add($"apply {script.FileName}");
        History.Add(new AppliedMigration(script.Version, script.Description, script.Checksum, ScaledTime.Day, appliedBy));
    }

    public Task RevertAsync(MigrationScript undo, CancellationToken cancellationToken)
    {
        BeforeAct($"revert {undo.FileName}");
        Acts.Add($"revert {undo.FileName}");
        History.RemoveAll(row => row.Version == undo.Version);
        return Task.CompletedTask;
    }

    public Task RevertAsync(MigrationScript undo, IMigrationObserver observer, CancellationToken cancellationToken)
    {
        Watch(observer);
        return RevertAsync(undo, cancellationToken);
    }

    public Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken) => Task.FromResult(Answer(sql));

    public Task<IReadOnlyList<ForeignMigration>?> ReadForeignAsync(MigrationTool tool, string table, CancellationToken cancellationToken) => Task.FromResult(Foreign);

    public Task AdoptAsync(IReadOnlyList<AdoptedMigration> rows, CancellationToken cancellationToken)
    {
        Acts.Add($"adopt {rows.Count}");
        History.AddRange(rows.Select(row => row.Row));
        return Task.CompletedTask;
    }

    public Task<DatabaseState> ReadAsync(StateMoment moment, CancellationToken cancellationToken) => Task.FromResult(State!(moment));

    public Task<RestoreHindrance?> FindHindranceAsync(CancellationToken cancellationToken) => Task.FromResult(Hindrance);

    public async Task<DatabaseFingerprint> BackupAsync(string file, CancellationToken cancellationToken)
    {
        BeforeAct("backup");
        await File.WriteAllTextAsync(file, $"{Orders}", cancellationToken);
        return Fingerprint();
    }

    public async Task<DatabaseFingerprint> ReadBackAsync(string file, Func<IDatabase, DatabaseFingerprint, Task> tryOn, CancellationToken cancellationToken)
    {
        var restored = ReadBack(Fingerprint());
        await tryOn(Copy, restored);
        return restored;
    }

    public async Task RestoreAsync(string file, DatabaseFingerprint proven, CancellationToken cancellationToken)
    {
        BeforeRestore();
        Acts.Add("restore");
        AddsColumn = false;
        Orders = long.Parse(await File.ReadAllTextAsync(file, cancellationToken));
        History.Clear();
    }

    public Task<string> MendAsync(CancellationToken cancellationToken)
    {
        BeforeAct("mend");
        Mended++;
        return Task.FromResult("It was opened again.");
    }

    public async Task RestoreAsync(string file, DatabaseFingerprint proven, RestoreTerms terms, CancellationToken cancellationToken)
    {
        BesideIsFilled();
        if (LossCheck.More("shop", terms.Agreed, Fingerprint()) is { Count: > 0 } more)
        {
            Action<string> tell = terms.Agreed is { AlsoLater: true } ? terms.Warn : _ => throw LossCheck.Refusal("shop", more, ["nightly orders"], "It is as it was before.", isAsBefore: true);
            tell(LossCheck.Accepted(more, ["nightly orders"]));
        }

        terms.BeforeReplacing();
        await RestoreAsync(file, proven, cancellationToken);
    }

    public Task<DatabaseFingerprint> FingerprintAsync(CancellationToken cancellationToken) =>
        Task.FromResult(AddsColumn ? Fingerprint() with { Tables = [new TableFingerprint("orders", Orders, "hash with another column")] } : Fingerprint());

    public Task<DatabaseFingerprint> FingerprintAsync(DatabaseFingerprint backup, CancellationToken cancellationToken) =>
        Task.FromResult(Fingerprint() is var now && Added.Count == 0 ? now : now with { Tables = [now.Tables[0] with { Added = Added }] });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
