using DeployOps.Migrations;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Finds out whether a statement took effect while which an earlier run ended.</summary>
/// <param name="session">Where the script runs.</param>
/// <param name="script">The script.</param>
/// <param name="run">What is known of it.</param>
internal sealed class PostgreSqlAftermath(PostgreSqlSession session, MigrationScript script, PostgreSqlRun run)
{
    /// <summary>Whether it did; false also where it can be run again without harm.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationInterrupted</c> where nobody can tell.</exception>
    internal async Task<bool> TookEffectAsync(int number, SqlStatement statement)
    {
        if (statement.IsRepeatable())
        {
            return false;
        }

        if (PostgreSqlIndex.Of(statement) is { Name: not null } index)
        {
            return await new PostgreSqlIndexes(session).IsValidAsync(index) == true;
        }

        if (statement.DroppedIndexes() is { Count: > 0 } dropped)
        {
            return await session.RunAsync(() => session.Runner.ScalarAsync<bool>("SELECT bool_and(to_regclass(name) IS NULL) FROM unnest($1) name", [dropped.ToArray()], CancellationToken.None));
        }

        throw PostgreSqlScriptErrors.Interrupted(
            script,
            statement.Line,
            $"an earlier run ended while statement {number} ran, and it cannot be told whether it took effect",
            $"See whether it did. Then UPDATE deployops.statement SET state = 'done' WHERE migration = {run.Id} AND number = {number}, or DELETE that row to have it run again; and run again.");
    }
}
