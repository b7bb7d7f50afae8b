using DeployOps.Migrations;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Finds out whether a statement took effect while which an earlier run ended. The server does a definition whole or not at all, from version 10.6 on: what it was before
/// the statement is recorded with it, and what it is now tells, where the statement is one that changes it.
/// </summary>
/// <param name="session">Where the script runs.</param>
/// <param name="script">The script.</param>
/// <param name="run">What is known of it.</param>
internal sealed class MariaDbAftermath(MariaDbSession session, MigrationScript script, MariaDbRun run)
{
    private static readonly Version WholeOrNotAtAll = new(10, 6);

    /// <summary>Whether it did; false also where it can be run again without harm.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationInterrupted</c> where nobody can tell.</exception>
    internal async Task<bool> TookEffectAsync(int number, SqlStatement statement)
    {
        if (MariaDbSubject.Of(statement) is { } subject && MariaDbDefinitions.Tells(statement) && run.Before(number) is { Length: > 0 } before && session.Runner.Version() >= WholeOrNotAtAll
            && await session.RunAsync(() => subject.DefinitionAsync(session.Runner)) is { } now)
        {
            return now != before || (statement.ReplacesContent() ? throw CannotTell(script, run, number, statement) : false);
        }

        return statement.IsRepeatable() ? false : throw CannotTell(script, run, number, statement);
    }

    /// <summary>Nobody can tell what came of a statement.</summary>
    internal static DeployOpsException CannotTell(MigrationScript script, MariaDbRun run, int number, SqlStatement statement) => ScriptErrors.Interrupted(
        script,
        statement.Line,
        $"an earlier run ended while statement {number} ran, and it cannot be told whether it took effect",
        $"See whether it did. Then UPDATE deployops_statement SET state = 'done' WHERE migration = {run.Id} AND number = {number}, or DELETE that row to have it run again; and run again.");
}
