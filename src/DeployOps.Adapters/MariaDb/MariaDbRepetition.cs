using DeployOps.Adapters.Watching;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Runs one statement until it touches no row: a transaction a round with the record of it, a gate before each, so that locks are short and replicas keep up.</summary>
/// <param name="session">Where it runs.</param>
/// <param name="script">The script.</param>
/// <param name="run">What is known of it.</param>
/// <param name="standing">Told how far it has come.</param>
internal sealed class MariaDbRepetition(MariaDbSession session, MigrationScript script, MariaDbRun run, ScriptStanding standing)
{
    private TracedRounds? traced;
    private long rows;

    /// <summary>How many rounds are committed.</summary>
    internal int Rounds { get; private set; }

    /// <summary>Runs the rounds that are left.</summary>
    /// <exception cref="MariaDbScriptFault">The server refused a round.</exception>
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

        await (traced?.EndAsync() ?? Task.CompletedTask);
        session.Watch.Rounds = 0;
    }

    private async Task<long> RoundAsync(int number, SqlStatement statement)
    {
        session.HoldsFromNow();
        await session.RunAsync(() => session.Runner.ExecuteAsync("START TRANSACTION", [], CancellationToken.None));
        var touched = await (traced?.RunAsync(() => session.RunAsync(statement)) ?? session.RunAsync(statement));
        if (touched < 0)
        {
            await TakeBackAsync();
            throw ScriptErrors.RoundUncounted(script, statement, standing.Left);
        }

        if (touched > statement.Repetition!.Chunk)
        {
            await TakeBackAsync();
            throw ScriptErrors.ChunkExceeded(script, statement, touched, MariaDbScriptErrors.Limit, standing.Left);
        }

        await session.RunAsync(async () =>
        {
            await run.RecordAsync(session.Runner, number, statement, touched == 0 ? "done" : "running", rows + touched);
            return true;
        });
        await session.CommitAsync(statement);
        return touched;
    }

    private async Task TakeBackAsync()
    {
        if (!await session.RollbackAsync())
        {
            standing.Keeps("What the round wrote to tables of engines without transactions could not be rolled back and stays.", cannotTell: false);
        }
    }
}
