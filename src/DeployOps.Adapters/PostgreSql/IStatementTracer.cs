using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Tells what the statements of a script do: on a copy all of it, on the live database what costs next to nothing.</summary>
internal interface IStatementTracer
{
    /// <summary>The script is about to begin; nothing of it is open.</summary>
    Task BeginAsync();

    /// <summary>Runs a statement and tells what it did.</summary>
    /// <param name="number">Its number in the script, from 1.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="isOutside">Whether it runs in no transaction, so that what it locked is gone when it has ended.</param>
    /// <param name="work">Runs it.</param>
    /// <returns>What the statement returns: the rows it touched.</returns>
    Task<long> RunAsync(int number, SqlStatement statement, bool isOutside, Func<Task<long>> work);

    /// <summary>Begins to trace a statement that is repeated, a transaction a round: what its rounds do is told once, when the last has ended.</summary>
    Task<TracedRounds> BeginRoundsAsync(int number, SqlStatement statement);

    /// <summary>The script has ended well; nothing of it is open.</summary>
    Task EndAsync();
}
