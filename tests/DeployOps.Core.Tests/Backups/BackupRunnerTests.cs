using DeployOps.Backups;
using DeployOps.Core.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Core.Tests.Backups;

public sealed class BackupRunnerTests : IDisposable
{
    private static readonly DatabaseFingerprint Content = new("s", [new("orders", 2, "a")]);
    private static readonly DatabaseFingerprint Other = new("s", [new("orders", 1, "b")]);
    private readonly string folder = Directory.CreateTempSubdirectory("deployops-backups-").FullName;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly Target target = new();

    private string BackupFile => Path.Combine(folder, "shop.db");

    [Fact]
    public async Task A_proven_backup_has_a_manifest()
    {
        var manifest = await Runner().TakeAsync("shop", BackupFile, default);

        manifest.Size.ShouldBe(3);
        manifest.Sha256.ShouldBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        manifest.Fingerprint.ShouldBe(Content);
        manifest.TakenAt.ShouldBe(time.GetUtcNow());
        manifest.ToString().ShouldBe($"shop: 1 tables with 2 rows, {BackupFile}");
    }

    [Fact]
    public async Task What_the_proof_did_to_others_stands_in_the_manifest()
    {
        target.Tells = new ProofEvidence { Server = "db1:5432", IsOwnServer = true, Holds = 1, Held = TimeSpan.FromSeconds(3.2), PeakLag = TimeSpan.FromSeconds(2), PeakLagBytes = 70 << 20 };

        var manifest = await Runner().TakeAsync("shop", BackupFile, default);

        manifest.Proof.ShouldBe(target.Tells);
        manifest.ProofWords.ShouldBe("restored on its own server, held for 3.2 s, lag 70 MiB and 2 s at most, and found equal");
    }

    [Fact]
    public async Task A_restore_that_tells_nothing_is_told_of_each_second()
    {
        var recorded = new ScriptedReporter();
        target.Works = async () =>
        {
            for (var second = 0; second < 12; second++)
            {
                await Task.Delay(20);
                time.Advance(TimeSpan.FromSeconds(1));
            }
        };

        await new BackupRunner(target, recorded, time).TakeAsync("shop", BackupFile, default);

        recorded.Told.Count(line => line.StartsWith("shop: restoring into a scratch place, ", StringComparison.Ordinal)).ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task A_restore_is_told_of_each_second_by_what_is_done()
    {
        var manifest = await Runner().TakeAsync("shop", BackupFile, default);
        var recorded = new ScriptedReporter();
        target.Replaces = async progress =>
        {
            progress("filling the copy");
            for (var second = 0; second < 12; second++)
            {
                await Task.Delay(20);
                time.Advance(TimeSpan.FromSeconds(1));
            }

            progress("exchanging");
        };

        await new BackupRunner(target, recorded, time).RestoreAsync(manifest, default);

        recorded.Told.Where(line => !line.Contains(", ", StringComparison.Ordinal)).ShouldBe(["shop: checking shop.db", "shop: restoring", "shop: filling the copy", "shop: exchanging", "shop: comparing what is in its place"]);
        recorded.Told.Count(line => line.StartsWith("shop: filling the copy, ", StringComparison.Ordinal)).ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task Tables_that_are_in_no_snapshot_are_named_and_are_the_reason_where_they_differ()
    {
        var recorded = new ScriptedReporter();
        target.Taken = new("s", [new("orders", 2, "a"), new("log", 5, "x") { HasNoSnapshot = true }, new("hits", 1, "y") { HasNoSnapshot = true }]);
        target.ReadsBack = target.Taken with { Tables = [target.Taken.Tables[0], new("log", 6, "z"), target.Taken.Tables[2]] };

        var error = await Should.ThrowAsync<DeployOpsException>(new BackupRunner(target, recorded, time).TakeAsync("shop", BackupFile, default));

        recorded.Warnings.ShouldHaveSingleItem().ShouldStartWith("shop: what is written while it is backed up to tables whose engine knows no transactions keeps the backup from being proven: log, hits.");
        error.ErrorId.ShouldBe("BackupNotProven");
        error.Message.ShouldBe($"The backup of shop does not hold what the database held: log: 5 rows expected, 6 found (its engine knows no transactions, so that it may have been written to while it was copied). Do not rely on {BackupFile}. Stop what writes to log, then take another one.");
    }

    [Fact]
    public async Task A_backup_that_reads_back_differently_is_not_proven()
    {
        target.ReadsBack = Other;

        var error = await Should.ThrowAsync<DeployOpsException>(Runner().TakeAsync("shop", BackupFile, default));

        error.ErrorId.ShouldBe("BackupNotProven");
        error.Message.ShouldContain("orders: 2 rows expected, 1 found");
    }

    [Fact]
    public async Task A_file_that_exists_is_not_overwritten()
    {
        await File.WriteAllTextAsync(BackupFile, "old");

        var error = await Should.ThrowAsync<DeployOpsException>(Runner().TakeAsync("shop", BackupFile, default));

        error.ErrorId.ShouldBe("BackupFileExists");
        (await File.ReadAllTextAsync(BackupFile)).ShouldBe("old");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_may_hinder_a_restore_is_warned_of_and_refuses_nothing(bool goesBackByIt)
    {
        var recorded = new ScriptedReporter();
        target.Hindrance = new RestoreHindrance("nobody knows", "Look there.") { IsCertain = false };

        await new BackupRunner(target, recorded, time) { GoesBackByIt = goesBackByIt }.TakeAsync("shop", BackupFile, default);

        recorded.Warnings.ShouldBe(["shop: before its backup is put back: nobody knows. Look there."]);
    }

    [Fact]
    public async Task What_hinders_a_restore_and_may_pass_until_then_is_warned_of()
    {
        var recorded = new ScriptedReporter();
        target.Hindrance = new RestoreHindrance("a transaction is prepared in it", "End it.") { MayPass = true };

        await new BackupRunner(target, recorded, time) { GoesBackByIt = true }.TakeAsync("shop", BackupFile, default);

        recorded.Warnings.ShouldBe(["shop: its backup could not be put back as things are: a transaction is prepared in it. End it."]);
    }

    [Fact]
    public async Task What_was_proven_is_restored_and_compared()
    {
        var manifest = await Runner().TakeAsync("shop", BackupFile, default);

        await Runner().RestoreAsync(manifest, default);

        target.Restored.ShouldBe(1);
    }

    [Fact]
    public async Task A_backup_that_changed_since_is_refused_before_anything_is_touched()
    {
        var manifest = await Runner().TakeAsync("shop", BackupFile, default);
        await File.WriteAllTextAsync(BackupFile, "abd");

        var error = await Should.ThrowAsync<DeployOpsException>(Runner().RestoreAsync(manifest, default));

        error.ErrorId.ShouldBe("BackupChanged");
        target.Restored.ShouldBe(0);
    }

    [Fact]
    public async Task A_backup_that_is_gone_is_refused()
    {
        var manifest = await Runner().TakeAsync("shop", BackupFile, default);
        File.Delete(BackupFile);

        var error = await Should.ThrowAsync<DeployOpsException>(Runner().RestoreAsync(manifest, default));

        error.ErrorId.ShouldBe("BackupMissing");
    }

    [Fact]
    public async Task A_restore_after_which_the_database_differs_is_not_proven()
    {
        var manifest = await Runner().TakeAsync("shop", BackupFile, default);
        target.Live = Other;

        var error = await Should.ThrowAsync<DeployOpsException>(Runner().RestoreAsync(manifest, default));

        error.ErrorId.ShouldBe("RestoreNotProven");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private BackupRunner Runner() => new(target, new SilentReporter(), time);

    private sealed class Target : IBackupTarget
    {
        public DatabaseFingerprint Taken { get; set; } = Content;

        public DatabaseFingerprint ReadsBack { get; set; } = Content;

        public DatabaseFingerprint Live { get; set; } = Content;

        public int Restored { get; private set; }

        public ProofEvidence? Tells { get; set; }

        public Func<Task> Works { get; set; } = () => Task.CompletedTask;

        public Func<Action<string>, Task> Replaces { get; set; } = _ => Task.CompletedTask;

        public RestoreHindrance? Hindrance { get; set; }

        public Task<RestoreHindrance?> FindHindranceAsync(CancellationToken cancellationToken) => Task.FromResult(Hindrance);

        public async Task<DatabaseFingerprint> ReadBackAsync(string file, IProofObserver observer, Func<IDatabase, DatabaseFingerprint, Task> tryOn, CancellationToken cancellationToken)
        {
            await Works();
            if (Tells is not null)
            {
                observer.Restored(Tells);
            }

            return await ReadBackAsync(file, tryOn, cancellationToken);
        }

        public async Task<DatabaseFingerprint> BackupAsync(string file, CancellationToken cancellationToken)
        {
            await File.WriteAllTextAsync(file, "abc", cancellationToken);
            return Taken;
        }

        public async Task<DatabaseFingerprint> ReadBackAsync(string file, Func<IDatabase, DatabaseFingerprint, Task> tryOn, CancellationToken cancellationToken)
        {
            await tryOn(new FakeDatabase(), ReadsBack);
            return ReadsBack;
        }

        public Task RestoreAsync(string file, DatabaseFingerprint proven, CancellationToken cancellationToken)
        {
            Restored++;
            return Task.CompletedTask;
        }

        public async Task RestoreAsync(string file, DatabaseFingerprint proven, RestoreTerms terms, CancellationToken cancellationToken)
        {
            terms.BeforeReplacing();
            await Replaces(terms.Progress);
            await RestoreAsync(file, proven, cancellationToken);
        }

        public Task<DatabaseFingerprint> FingerprintAsync(CancellationToken cancellationToken) => Task.FromResult(Live);

        public Task<DatabaseFingerprint> FingerprintAsync(DatabaseFingerprint backup, CancellationToken cancellationToken) => FingerprintAsync(cancellationToken);
    }
}
