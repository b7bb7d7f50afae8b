using DeployOps.Backups;
using DeployOps.Gates;
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

    /// <summary>Takes known secrets out of what a query answers. Default: takes nothing out.</summary>
    internal Func<string, string> Redact { get; init; } = text => text;

    /// <summary>Rehearses.</summary>
    /// <param name="database">The database's name in the plan.</param>
    /// <param name="scripts">Those of its folder.</param>
    /// <param name="queries">Its validations.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What was seen; null where no script is pending.</returns>
    /// <exception cref="DeployOpsException"><c>RehearsalFailed</c> where a script or a validation fails; it would fail in production too.</exception>
    internal async Task<MigrationRehearsal?> RunAsync(string database, IReadOnlyList<MigrationScript> scripts, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken)
    {
        var startedAt = time.GetUtcNow();
        var start = time.GetTimestamp();
        var plan = MigrationPlanner.Plan(scripts, await copy.Migrations.ReadHistoryAsync(cancellationToken));
        plan.ThrowIfRefused();
        if (plan.Pending.Count == 0)
        {
            return null;
        }

        await copy.Migrations.EnsureHistoryAsync(cancellationToken);
        var states = new List<DatabaseFingerprint> { await copy.Backups.FingerprintAsync(cancellationToken) };
        var rehearsed = new List<ScriptRehearsal>();
        foreach (var script in plan.Pending)
        {
            rehearsed.Add(await ApplyAsync(database, script, cancellationToken));
            states.Add(await copy.Backups.FingerprintAsync(cancellationToken));
        }

        await ValidateAsync(database, queries, cancellationToken);
        var undos = plan.Pending.Select(script => scripts.FirstOrDefault(undo => undo.IsUndo && undo.Version == script.Version)).ToList();
        var last = await TakeBackAsync(rehearsed, undos, states, cancellationToken);

        return new MigrationRehearsal
        {
            Database = database,
            Scripts = rehearsed,
            StartedAt = startedAt,
            Duration = time.GetElapsedTime(start),
            Validations = queries.Count,
            PointOfNoReturn = last < 0 ? null : rehearsed[last].Version,
        };
    }

    private async Task<ScriptRehearsal> ApplyAsync(string database, MigrationScript script, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var witness = new MigrationWitness(reporter, time, $"{script.FileName} on the restored backup");
        StatementTraces? traces = null;
        try
        {
            await witness.RunAsync(observer => copy.Migrations.ApplyAsync(script, AppliedBy, traces = new StatementTraces(observer), cancellationToken));
        }
        catch (DeployOpsException e) when (e.Kind != FaultKind.Stopped)
        {
            throw Failed(database, e.Fact, e);
        }

        var (statements, more) = traces!.Take();
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

    private async Task ValidateAsync(string database, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken)
    {
        var checks = await new ValidationRunner(copy.Validations, reporter, time) { Redact = Redact }.RunAsync(queries, cancellationToken);
        var failed = checks.Where(check => check.Verdict != GateVerdict.Pass && !check.IsWarning).Select(check => check.ToString()).ToList();
        if (failed.Count > 0)
        {
            throw Failed(database, $"validations fail after the last script: {string.Join("; ", failed)}", null);
        }
    }

    // In reverse order, as far as it goes: the place of the script that stops it, or -1.
    private async Task<int> TakeBackAsync(List<ScriptRehearsal> rehearsed, List<MigrationScript?> undos, List<DatabaseFingerprint> states, CancellationToken cancellationToken)
    {
        for (var place = rehearsed.Count - 1; place >= 0; place--)
        {
            rehearsed[place] = undos[place] is { } undo
                ? await TakeBackAsync(rehearsed[place], undo, states[place], cancellationToken)
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

    private async Task<ScriptRehearsal> TakeBackAsync(ScriptRehearsal script, MigrationScript undo, DatabaseFingerprint before, CancellationToken cancellationToken)
    {
        reporter.Progress("Migration", $"{undo.FileName} on the restored backup");
        var start = time.GetTimestamp();
        try
        {
            await copy.Migrations.RevertAsync(undo, cancellationToken);
        }
        catch (DeployOpsException e) when (e.Kind != FaultKind.Stopped)
        {
            return script with { NotReversible = $"{undo.FileName} fails: {e.Fact.TrimEnd('.')}" };
        }

        var took = time.GetElapsedTime(start);
        var compared = BackupComparison.Compare(undo.FileName, WithoutHistory(before), WithoutHistory(await copy.Backups.FingerprintAsync(cancellationToken)));
        return script with
        {
            UndoDuration = took,
            NotReversible = compared.Verdict == GateVerdict.Pass ? "" : $"after {undo.FileName} it is not what it was: {compared.Detail}",
        };
    }

    private DatabaseFingerprint WithoutHistory(DatabaseFingerprint state) =>
        state with { Tables = [.. state.Tables.Where(table => !copy.Migrations.IsBookkeeping(table.Name))], Sequences = [] };

    private static DeployOpsException Failed(string database, string why, Exception? cause) => new(
        "RehearsalFailed",
        FaultKind.Failed,
        $"On the restored backup of {database} the migration fails: {why.TrimEnd('.')}. Production was not touched.",
        "Correct the scripts or the data, and approve the plan anew; Databases.Rehearsal = 'None' leaves this out.",
        cause);
}
