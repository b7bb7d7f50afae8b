using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.Watching;

/// <summary>Sums up what the rounds of a repeated statement do, to be told once, when the last has ended.</summary>
/// <param name="number">The statement's number in its script, from 1.</param>
/// <param name="statement">The statement.</param>
/// <param name="time">Measures them.</param>
/// <param name="locks">Says what the transaction that is open locks: asked in the first of them.</param>
/// <param name="tell">Is told of how long they took together, how many there were, how many rows they touched, and what the first of them locked.</param>
internal sealed class TracedRounds(int number, SqlStatement statement, TimeProvider time, Func<Task<IReadOnlyList<string>>> locks, Func<StatementTrace, Task> tell)
{
    /// <summary>How many statements of a script are traced: what comes after them runs as fast as it does in production.</summary>
    internal const int MostStatements = 200;

    private TimeSpan duration;
    private int rounds;
    private long rows;
    private IReadOnlyList<string> held = [];

    /// <summary>Runs a round in its transaction.</summary>
    /// <returns>What the round returns: the rows it touched.</returns>
    internal async Task<long> RunAsync(Func<Task<long>> round)
    {
        var started = time.GetTimestamp();
        var touched = await round();
        duration += time.GetElapsedTime(started);
        rows += Math.Max(touched, 0);
        held = rounds++ == 0 ? await locks() : held;
        return touched;
    }

    /// <summary>The last round has ended.</summary>
    internal Task EndAsync() => tell(new StatementTrace
    {
        Number = number,
        Line = statement.Line,
        Text = StatementTrace.Head(statement),
        Duration = duration,
        Rounds = rounds,
        Rows = rows,
        Locks = held,
    });
}
