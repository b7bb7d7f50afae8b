using DeployOps.Adapters.Watching;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Runs one statement until it touches no row: a transaction a round with the record of it, a gate before each, so that locks are short and replicas keep up.</summary>
/// <param name="session">Where it runs.</param>
/// <param name="script">The script.</param>
/// <param name="run">What is known of it.</param>
/// <param name="standing">Told how far it has come.</param>
internal sealed class PostgreSqlRepetition(PostgreSqlSession session, MigrationScript script, PostgreSqlRun run, ScriptStanding standing)
{
    private long rows;
    private TracedRounds? traced;

    /// <summary>How many rounds are committed.</summary>
    internal int Rounds { get; private set; }

    /// <summary>Runs the rounds that are left.</summary>
    /// <exception cref="PostgreSqlScriptFault">The server refused a round.</exception>
    /// <exception cref="DeployOpsException"><c>MigrationChunkExceeded</c>, <c>MigrationRoundUncounted</c> or <c>MigrationGateHeld</c>.</exception>
    internal async Task RunAsync(int number, SqlStatement statement)
    {
        traced ??= session.Tracer is { } tracer && number <= TracedRounds.MostStatements ? await tracer.BeginRoundsAsync(number, statement) : null;
        for (long touched = -1; touched != 0;)
        {
            touched = await RoundAsync(number, statement);
            if (touched > 0)
            {
                Rounds++;
                rows += touched;
                session.Watch.Rounds = Rounds;
                standing.Commits(Rounds, rows);
                await session.Watch.PassGateAsync($"round {Rounds + 1} of statement {number}", () => standing.Left, session.Token, always: true);
            }
        }

        session.Watch.Rounds = 0;
        await (traced?.EndAsync() ?? Task.CompletedTask);
    }

    private async Task<long> RoundAsync(int number, SqlStatement statement)
    {
        await session.RunAsync(() => session.Runner.ExecuteAsync(session.Abort, "BEGIN"));
        var touched = await (traced?.RunAsync(() => session.RunAsync(statement)) ?? session.RunAsync(statement));
        if (touched < 0)
        {
            await session.RollbackAsync();
            throw PostgreSqlScriptErrors.RoundUncounted(script, statement, standing.Left);
        }

        if (touched > statement.Repetition!.Chunk)
        {
            await session.RollbackAsync();
            throw PostgreSqlScriptErrors.ChunkExceeded(script, statement, touched, standing.Left);
        }

        await session.RunAsync(async () =>
        {
            await run.RecordAsync(number, statement.Line, PostgreSqlStatementHash.Of(statement), touched == 0 ? "done" : "running", rows + touched);
            return true;
        });
        await session.CommitAsync(statement);
        return touched;
    }
}
