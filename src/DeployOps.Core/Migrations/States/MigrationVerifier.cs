using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;

namespace DeployOps.Migrations.States;

/// <summary>Looks at a database before its migration and after it, and says what became of it: by the queries of its validations and by what every database of its kind is asked.</summary>
/// <param name="database">The database, open.</param>
/// <param name="dialect">Its dialect.</param>
/// <param name="runnerOf">Makes what asks the queries, of the database or of a transaction that is open in it.</param>
/// <param name="reporter">Told each second what is looked at.</param>
/// <param name="time">Measures.</param>
internal sealed class MigrationVerifier(IDatabase database, SqlDialect dialect, Func<IValidationTarget, ValidationRunner> runnerOf, IStepReporter reporter, TimeProvider time)
{
    private const string Activity = "Validating";
    private static readonly TimeSpan LongestForReplicas = TimeSpan.FromSeconds(30);

    /// <summary>Looks at it before.</summary>
    /// <param name="queries">Its queries.</param>
    /// <param name="anyPending">Whether there is a script to come.</param>
    /// <param name="isResumed">Whether a script was begun already: what is to hold before the first one is not asked then, since it did, and need not hold any more.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DeployOpsException"><c>ValidationFailed</c> where a query that is judged before does not pass; <c>ValidationBaselineMissing</c>, or the database cannot be read.</exception>
    internal async Task<MigrationBefore> BeforeAsync(IReadOnlyList<ValidationQuery> queries, bool anyPending, bool isResumed, CancellationToken cancellationToken)
    {
        var runner = runnerOf(database.Validations);
        var checks = anyPending && !isResumed ? await runner.RunBeforeAsync(queries, cancellationToken) : [];
        var failed = checks.Where(check => check.Refuses).Select(check => check.Told.TrimEnd('.')).ToList();
        if (failed.Count > 0)
        {
            throw new DeployOpsException(
                "ValidationFailed",
                FaultKind.Failed,
                $"{failed.Count} validation{(failed.Count == 1 ? "" : "s")} failed before the migration: {string.Join("; ", failed)}. No script was begun.",
                "Correct the data, or the query.");
        }

        return new MigrationBefore(
            await runner.AskBeforeAsync(queries, cancellationToken),
            anyPending && database.States is { } states ? await reporter.RunAsync(time, Activity, "reading what the database consists of, before the migration", () => states.ReadAsync(StateMoment.Before, cancellationToken)) : null)
        {
            Checks = [.. checks.Select(check => check with { SampleRows = [] })],
            Replicas = anyPending && database.States is { } there ? (await there.ReplicasAsync(TimeSpan.Zero, cancellationToken)).Count : 0,
        };
    }

    /// <summary>Asks the queries within the transaction of the last script; null where there are none.</summary>
    /// <param name="runnerOf">Makes what asks them of the transaction.</param>
    /// <param name="before">What was seen before.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="script">The last script's file name.</param>
    internal static Func<IValidationTarget, CancellationToken, Task>? BeforeCommit(
        Func<IValidationTarget, ValidationRunner> runnerOf, MigrationBefore before, IReadOnlyList<ValidationQuery> queries, string script) => queries.Count == 0 ? null : async (transaction, token) =>
    {
        // A replica has nothing of a transaction that is open.
        var failed = (await runnerOf(transaction).RunAsync([.. queries.Where(query => !query.OnReplica)], before.Answers, token)).Where(check => check.Refuses).Select(check => check.Told.TrimEnd('.')).ToList();
        if (failed.Count > 0)
        {
            throw new DeployOpsException(
                "ValidationFailed",
                FaultKind.Failed,
                $"{script}: {failed.Count} validation{(failed.Count == 1 ? "" : "s")} failed before the commit: {string.Join("; ", failed)}. Nothing of the script is left.",
                "Correct the script or the data.")
            { Target = script };
        }
    };

    /// <summary>
    /// Says that a script cannot be validated before it is committed: of PostgreSQL a warning, since its validations are asked after it all the same; refused of MariaDB, where every
    /// definition commits by itself, so that there is nothing to take back.
    /// </summary>
    /// <exception cref="DeployOpsException"><c>MigrationVerifyUnsupported</c>.</exception>
    internal static void RequireTransaction(MigrationScript script, SqlDialect dialect, Action<string> warn)
    {
        if (!script.RunsOutside(dialect))
        {
            return;
        }

        if (dialect == SqlDialect.MariaDb)
        {
            throw VerifyRefusals.OutsideOfTransaction(script);
        }

        warn($"{script.FileName} runs outside of a transaction, so that its validations are asked after it only, whatever -VerifyBeforeCommit says.");
    }

    /// <summary>Looks at it after, and judges.</summary>
    /// <returns>The checks, those of the queries first, and what became of tables, columns, constraints and indexes.</returns>
    internal async Task<(IReadOnlyList<ValidationCheck> Checks, IReadOnlyList<string> Changes)> AfterAsync(
        MigrationBefore before, IReadOnlyList<ValidationQuery> queries, IEnumerable<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        IReadOnlyList<ValidationCheck> asked = [.. before.Checks, .. await runnerOf(database.Validations).RunAsync(queries, before.Answers, cancellationToken)];
        if (before.State is not { } old || database.States is not { } states)
        {
            return (asked, []);
        }

        var started = time.GetTimestamp();
        try
        {
            var now = await reporter.RunAsync(time, Activity, "reading what the database consists of", () => states.ReadAsync(StateMoment.After, cancellationToken));
            var judged = StateChecks.Judge(old, now, ScriptWords.Of(scripts, dialect, old.Tables), time.GetElapsedTime(started));
            var there = await reporter.RunAsync(time, Activity, "waiting until replicas have the new schema", () => states.ReplicasAsync(LongestForReplicas, cancellationToken));
            var replicas = StateChecks.Judge(there, before.Replicas);
            return ([.. asked, .. judged, .. replicas], SchemaDifference.Of(old, now));
        }
        catch (DeployOpsException e) when (e.Kind != FaultKind.Stopped)
        {
            // The migration is done and its own validations have answered: that the rest could not be looked at is told, and is no reason to go back.
            return ([.. asked, StateChecks.NotSeen(e.Message, time.GetElapsedTime(started))], []);
        }
    }
}
