using DeployOps.Backups;
using DeployOps.Gates;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;

namespace DeployOps.Migrations.Rehearsal;

/// <summary>
/// Runs the pending scripts, the validations and the undo scripts on a copy of the database, which nobody else uses. A script counts as reversible where schema and content
/// are the same after its undo script as before it; the history of migrations is left out of that, since it grows also on the way back, and where sequences stand, since they never go back.
/// </summary>
/// <param name="copy">The copy. It is as migrated as the scripts that could not be taken back leave it.</param>
/// <param name="reporter">Shows how far it is.</param>
/// <param name="time">The clock.</param>
internal sealed class MigrationRehearser(IDatabase copy, IStepReporter reporter, TimeProvider time)
{
    private const string AppliedBy = "rehearsal";
    private const int MostShown = 3;

    private static readonly string[] OfServer =
        ["DatabaseBusy", "DatabaseConnectionLost", "DatabaseReadFailed", "DatabaseUnreachable", "MigrationBusy", "MigrationCommitUnknown", "MigrationGateHeld", "MigrationLockTimeout"];

    /// <summary>Takes known secrets out of what a query answers. Default: takes nothing out.</summary>
    internal Func<string, string> Redact { get; init; } = text => text;

    /// <summary>Why nothing was tried, in words, where the last call answered null for another reason than that no script is pending.</summary>
    internal string? Untried { get; private set; }

    /// <summary>Rehearses.</summary>
    /// <param name="database">The database in the plan.</param>
    /// <param name="scripts">Those of its folder.</param>
    /// <param name="queries">Its validations.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What was seen; null where no script is pending, or one changes more than the copy, which is warned of and kept in <see cref="Untried"/>.</returns>
    /// <exception cref="DeployOpsException"><c>RehearsalFailed</c> where a script or a validation fails; it would fail in production too.</exception>
    internal async Task<MigrationRehearsal?> RunAsync(DatabaseSpec database, IReadOnlyList<MigrationScript> scripts, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken)
    {
        var startedAt = time.GetUtcNow();
        var start = time.GetTimestamp();
        var dialect = SqlDialects.Of(database.Kind);
        var plan = MigrationPlanner.Plan(scripts, await copy.Migrations.ReadHistoryAsync(cancellationToken));
        plan.ThrowIfRefused();
        if (plan.Pending.Count == 0)
        {
            return null;
        }

        var concerned = scripts.Where(script => plan.Pending.Any(one => one.Version == script.Version)).ToList();
        Untried = await WhyNotAsync(concerned, queries, dialect, cancellationToken);
        if (Untried is not null)
        {
            reporter.Warn($"{database.Name}: the migration is not rehearsed on the restored backup, since {Untried}.");
            return null;
        }

        await copy.Migrations.EnsureHistoryAsync(cancellationToken);
        var verifier = new MigrationVerifier(copy, dialect, target => new ValidationRunner(target, reporter, time) { Redact = Redact }, reporter, time);
        // A copy has no replica.
        queries = [.. queries.Where(query => !query.OnReplica)];
        var before = await BeforeAsync(database.Name, verifier, queries, cancellationToken);
        var (rehearsed, last) = await RehearseAsync(database.Name, plan.Pending, scripts, () => VerifyAsync(database.Name, verifier, before, queries, plan.Pending, cancellationToken), cancellationToken);

        return new MigrationRehearsal
        {
            Database = database.Name,
            Scripts = rehearsed,
            StartedAt = startedAt,
            Duration = time.GetElapsedTime(start),
            Validations = queries.Count,
            PointOfNoReturn = last?.Version,
            Untried = Untried ?? "",
        };
    }

    private async Task<string?> WhyNotAsync(IReadOnlyList<MigrationScript> concerned, IReadOnlyList<ValidationQuery> queries, SqlDialect dialect, CancellationToken cancellationToken) =>
        await copy.ConfineAsync(cancellationToken) is { } open ? open
        : await copy.Migrations.FindOutsideAsync(cancellationToken) is { } outside ? $"{outside} would be reached from there, too"
        : await copy.Migrations.FindBeyondAsync(concerned, queries, cancellationToken) is { } beyond ? beyond
        : SharedObjects.Find(concerned, dialect) is { } shared ? $"{shared} changes what the whole server shares"
        : null;

    // In the order of production: all scripts, those that are run again last, the validations, and only then the ways back.
    private async Task<(IReadOnlyList<ScriptRehearsal> Scripts, ScriptRehearsal? Last)> RehearseAsync(string database, IReadOnlyList<MigrationScript> pending, IReadOnlyList<MigrationScript> scripts, Func<Task> verify, CancellationToken cancellationToken)
    {
        var versioned = pending.Where(script => !script.IsRepeatable).ToList();
        var repeatable = pending.Where(script => script.IsRepeatable).ToList();
        var undos = versioned.Select(script => scripts.FirstOrDefault(undo => undo.IsUndo && undo.Version == script.Version)).ToList();
        // Behind the last script without one nothing is taken back, so that nothing has to be compared.
        var first = undos.FindLastIndex(undo => undo is null) + 1;
        var rehearsed = new List<ScriptRehearsal>();
        var states = new List<Seen?>();
        foreach (var script in versioned)
        {
            states.Add(states.Count < first ? null : await StateAsync(repeatable.Count > 0, cancellationToken));
            if (await ApplyAsync(database, script, cancellationToken) is not { } applied)
            {
                return (rehearsed, null);
            }

            rehearsed.Add(applied);
        }

        var again = new List<ScriptRehearsal>();
        var objects = repeatable.Count > 0 && first < versioned.Count ? await ObjectsAsync(cancellationToken) : [];
        foreach (var script in repeatable)
        {
            if (await ApplyAsync(database, script, cancellationToken) is not { } applied)
            {
                return ([.. rehearsed, .. again], null);
            }

            again.Add(applied with { IsRepeatable = true, NotReversible = "" });
        }

        await verify();
        var made = repeatable.Count > 0 && first < versioned.Count ? objects.ToHashSet(StringComparer.Ordinal) : null;
        made?.SymmetricExceptWith(await ObjectsAsync(cancellationToken));
        var last = await TakeBackAsync(database, rehearsed, undos, states, made, cancellationToken);
        return ([.. rehearsed, .. again], last < 0 ? null : rehearsed[last]);
    }

    // Null where a right was missing that the copy withholds: what comes after it, the validations and the ways back, would not be those of production.
    private async Task<ScriptRehearsal?> ApplyAsync(string database, MigrationScript script, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var witness = new MigrationWitness(reporter, time, $"{script.FileName} on the restored backup");
        var traces = new StatementTraces(witness);
        try
        {
            await witness.RunAsync(_ => copy.Migrations.ApplyAsync(script, AppliedBy, traces, cancellationToken));
        }
        catch (DeployOpsException e) when (copy.Migrations.WhyWithheld(e) is not null)
        {
            Untried = $"not rehearsed beyond {e.Fact.TrimEnd('.')}: {copy.Migrations.WhyWithheld(e)}; neither what comes after that statement nor the ways back were tried";
            reporter.Warn($"{database}: {Untried}.");
            return null;
        }
        catch (DeployOpsException e) when (e.Kind != FaultKind.Stopped)
        {
            throw Failed(database, e.Fact, e);
        }

        var (statements, more) = traces.Take();
        return new ScriptRehearsal
        {
            Script = script.FileName,
            Version = script.Version.ToString(),
            Checksum = script.Checksum,
            Duration = time.GetElapsedTime(start),
            Statements = statements,
            StatementsMore = more,
            NotReversible = "taking it back was not tried",
        };
    }

    private static async Task<MigrationBefore> BeforeAsync(string database, MigrationVerifier verifier, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken)
    {
        try
        {
            return await verifier.BeforeAsync(queries, anyPending: true, isResumed: false, cancellationToken);
        }
        catch (DeployOpsException e) when (e.ErrorId == "ValidationFailed")
        {
            throw Failed(database, e.Fact, e);
        }
    }

    private static async Task VerifyAsync(string database, MigrationVerifier verifier, MigrationBefore before, IReadOnlyList<ValidationQuery> queries, IReadOnlyList<MigrationScript> pending, CancellationToken cancellationToken)
    {
        var (checks, _) = await verifier.AfterAsync(before, queries, pending, cancellationToken);
        var failed = checks.Where(check => check.Refuses).Select(check => check.Told.TrimEnd('.')).ToList();
        if (failed.Count > 0)
        {
            throw Failed(database, $"validations fail after the last script: {string.Join("; ", failed)}", null);
        }
    }

    // In reverse order, as far as it goes: the place of the script that stops it, or -1.
    private async Task<int> TakeBackAsync(string database, List<ScriptRehearsal> rehearsed, List<MigrationScript?> undos, List<Seen?> states, HashSet<string>? made, CancellationToken cancellationToken)
    {
        for (var place = rehearsed.Count - 1; place >= 0; place--)
        {
            rehearsed[place] = undos[place] is { } undo
                ? await TakeBackAsync(database, rehearsed[place], undo, states[place]!, made, cancellationToken)
                : rehearsed[place] with { NotReversible = "it has no undo script" };
            if (!rehearsed[place].IsReversible)
            {
                for (var before = 0; before < place; before++)
                {
                    rehearsed[before] = rehearsed[before] with { NotReversible = $"not tried, since {rehearsed[place].Script} stays" };
                }

                return place;
            }
        }

        return -1;
    }

    private async Task<ScriptRehearsal> TakeBackAsync(string database, ScriptRehearsal script, MigrationScript undo, Seen before, HashSet<string>? made, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        try
        {
            await new MigrationWitness(reporter, time, $"{undo.FileName} on the restored backup").RunAsync(_ => copy.Migrations.RevertAsync(undo, cancellationToken));
        }
        catch (DeployOpsException e) when (e.Kind != FaultKind.Stopped)
        {
            return copy.Migrations.WhyWithheld(e) is { } why ? script with { NotReversible = $"{undo.FileName} needs more than the copy, so that it was not rehearsed to its end: {e.Fact.TrimEnd('.')}; {why}" }
                : IsOfServer(e) ? throw Failed(database, e.Fact, e) : script with { NotReversible = $"{undo.FileName} fails: {e.Fact.TrimEnd('.')}" };
        }

        var took = time.GetElapsedTime(start);
        var after = await StateAsync(made is not null, cancellationToken);
        var compared = BackupComparison.Compare(undo.FileName, before.Contents with { Sequences = [] }, after.Contents with { Sequences = [] });
        var behind = Behind(before.Contents, after.Contents);
        var others = SchemaDifference.Of(before.Objects, after.Objects).Where(line => made?.Contains(line[2..]) != true).Select(line => $"{line[2..]} {(line[0] == '-' ? "is missing" : "is left")}").ToList();
        return script with
        {
            UndoDuration = took,
            IsContentAlone = made is not null,
            NotReversible = compared.Verdict != GateVerdict.Pass ? $"after {undo.FileName} it is not what it was: {compared.Detail}"
                : others.Count > 0 ? $"after {undo.FileName} it is not what it was: {string.Join("; ", others.Take(MostShown))}{(others.Count > MostShown ? "; …" : "")}"
                : behind is not null ? $"after {undo.FileName} {behind}, so that numbers would be given twice"
                : "",
        };
    }

    // A sequence may have gone on, but one that was made anew and stands where it began gives numbers that are taken.
    private static string? Behind(DatabaseFingerprint before, DatabaseFingerprint after)
    {
        var now = after.Sequences.ToDictionary(sequence => sequence.Name, sequence => sequence.Value, StringComparer.Ordinal);
        return (from sequence in before.Sequences
                let found = now.GetValueOrDefault(sequence.Name)
                where decimal.TryParse(sequence.Value, System.Globalization.CultureInfo.InvariantCulture, out var had)
                    && found is not null && !(decimal.TryParse(found, System.Globalization.CultureInfo.InvariantCulture, out var has) && has >= had)
                select $"the sequence {sequence.Name} stands at {found} and stood at {sequence.Value}").FirstOrDefault();
    }

    // What scripts that are run again made stays, so that with them contents can be compared, and of the schema what they made nothing of: tables, columns, constraints and indexes most of all.
    private async Task<Seen> StateAsync(bool hasRepeatable, CancellationToken cancellationToken)
    {
        DatabaseFingerprint? state = null;
        await new MigrationWitness(reporter, time, "comparing the restored backup").RunAsync(async _ => state = await copy.Backups.FingerprintAsync(cancellationToken));
        var contents = state! with
        {
            Schema = hasRepeatable ? "" : state!.Schema,
            Tables = [.. state!.Tables.Where(table => !copy.Migrations.IsBookkeeping(table.Name))],
        };
        return new Seen(contents, hasRepeatable ? await ObjectsAsync(cancellationToken) : []);
    }

    private async Task<IReadOnlyList<string>> ObjectsAsync(CancellationToken cancellationToken) => copy.States is { } states ? (await states.ReadAsync(StateMoment.Before, cancellationToken)).Objects : [];

    // What the server or others on it were the reason for says nothing of the scripts.
    private static bool IsOfServer(DeployOpsException e) => Array.IndexOf(OfServer, e.ErrorId) >= 0;

    private static DeployOpsException Failed(string database, string why, DeployOpsException? cause) => cause is not null && IsOfServer(cause)
        ? new DeployOpsException(
            "RehearsalFailed",
            FaultKind.Busy,
            $"On the restored backup of {database} the migration could not be tried: {why.TrimEnd('.')}. Production was not touched.",
            "Start again once the server can serve it; Databases.Rehearsal = 'None' leaves this out.",
            cause)
        : new DeployOpsException(
            "RehearsalFailed",
            FaultKind.Failed,
            $"On the restored backup of {database} the migration fails: {why.TrimEnd('.')}. Production was not touched.",
            "Correct the scripts or the data, and approve the plan anew; Databases.Rehearsal = 'None' leaves this out.",
            cause);

    private sealed record Seen(DatabaseFingerprint Contents, IReadOnlyList<string> Objects);
}
