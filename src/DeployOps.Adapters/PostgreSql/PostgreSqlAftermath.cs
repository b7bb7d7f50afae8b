using System.Globalization;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Finds out whether a statement took effect of which an earlier run does not know what came of it.</summary>
/// <param name="session">Where the script runs.</param>
/// <param name="script">The script.</param>
/// <param name="run">What is known of it.</param>
internal sealed class PostgreSqlAftermath(PostgreSqlSession session, MigrationScript script, PostgreSqlRun run)
{
    /// <summary>Whether it did; false also where it can be run again without harm.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationInterrupted</c> where nobody can tell.</exception>
    internal async Task<bool> TookEffectAsync(int number, SqlStatement statement, PostgreSqlBegunStatement begun)
    {
        if (statement.IsRepeatable())
        {
            return false;
        }

        if (PostgreSqlIndex.Of(statement) is { Name: not null } index)
        {
            return await new PostgreSqlIndexes(session).IsMadeAsync(index);
        }

        if (statement.DroppedIndexes() is { Count: > 0 } dropped)
        {
            return await session.RunAsync(() => session.Runner.ScalarAsync<bool>("SELECT bool_and(to_regclass(name) IS NULL) FROM unnest($1) name", [dropped.ToArray()], session.Abort));
        }

        throw PostgreSqlScriptErrors.Interrupted(script, statement.Line, Fact(number, statement, begun), Next(number, statement));
    }

    private static string Fact(int number, SqlStatement statement, PostgreSqlBegunStatement begun) => begun.Message is null
        ? string.Create(CultureInfo.InvariantCulture, $"an earlier run ended while statement {number} ran, and it cannot be told whether it took effect{(statement.MayCommitWithin() ? ", or which part of it: it may commit while it runs" : "")}")
        : string.Create(CultureInfo.InvariantCulture, $"statement {number} failed in an earlier run: {begun.Message}; it may commit while it runs, and it cannot be told which part of it is in effect");

    private string Next(int number, SqlStatement statement)
    {
        var look = statement.MayCommitWithin() ? "Look at the rows that it writes, in the order in which it writes them, for how far it came. If all of it is in effect," : "See whether it did. Then";
        var again = statement.MayCommitWithin() ? "or once what it committed is taken back, or may happen twice," : "or";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{look} UPDATE deployops.statement SET state = 'done' WHERE migration = {run.Id} AND number = {number}, {again} DELETE FROM deployops.statement WHERE migration = {run.Id} AND number = {number} to have it run again from its start; and run again.");
    }
}
