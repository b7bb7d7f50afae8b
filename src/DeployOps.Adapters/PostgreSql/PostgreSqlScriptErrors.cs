using System.Globalization;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>The ways in which a script does not succeed. Each says what of it is left.</summary>
internal static class PostgreSqlScriptErrors
{
    /// <summary>The server refused a statement.</summary>
    /// <param name="script">The script.</param>
    /// <param name="fault">What it refused.</param>
    /// <param name="tries">How often it was tried.</param>
    /// <param name="blockers">Who was seen to block it, or empty.</param>
    /// <param name="left">What of the script is left.</param>
    internal static DeployOpsException Of(MigrationScript script, PostgreSqlScriptFault fault, int tries, string blockers, string left)
    {
        var place = fault.Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"{script.FileName}:{line}") : script.FileName;
        return fault.Cause switch
        {
            var cause when PostgreSqlErrors.MayPass(cause) => new DeployOpsException(
                "MigrationLockTimeout",
                FaultKind.Busy,
                string.Create(CultureInfo.InvariantCulture, $"{place}: {fault.Message}, {tries} tries. {(blockers.Length == 0 ? "" : $"Blocked by {blockers}. ")}{left}"),
                "End the transactions that hold the table, or choose a calmer time, then run again.",
                cause)
            { Target = script.FileName },
            { SqlState: PostgresErrorCodes.QueryCanceled } cause => new DeployOpsException(
                "MigrationScriptTimeout",
                FaultKind.Timeout,
                $"{place}: {fault.Message}. {left}",
                "Split the script or, where a plan names the database, raise its ScriptTimeout.",
                cause)
            { Target = script.FileName },
            var cause => Failed(script, $"{place}: {(PostgreSqlErrors.IsLost(cause) ? "the connection was lost: " : "")}{fault.Message}. {left}", cause),
        };
    }

    /// <summary>The server refused a statement, or the watch over the script cancelled it.</summary>
    internal static DeployOpsException Of(MigrationScript script, PostgreSqlScriptFault fault, MigrationTrip? trip, int tries, string blockers, string left) =>
        trip is null ? Of(script, fault, tries, blockers, left) : BlockedOthers(script, fault.Line, trip, tries, left);

    /// <summary>It did not end within its time.</summary>
    internal static DeployOpsException TooLong(MigrationScript script, TimeSpan limit, string left) => new(
        "MigrationScriptTimeout",
        FaultKind.Timeout,
        $"{script.FileName} did not finish within {limit} and was stopped. {left}",
        "Split the script or, where a plan names the database, raise its ScriptTimeout.")
    { Target = script.FileName };

    /// <summary>It was cancelled for what it did to others.</summary>
    /// <param name="script">The script.</param>
    /// <param name="line">The statement's line; null where it was cancelled between two.</param>
    /// <param name="trip">Why.</param>
    /// <param name="tries">How often it was tried.</param>
    /// <param name="left">What of the script is left.</param>
    internal static DeployOpsException BlockedOthers(MigrationScript script, int? line, MigrationTrip trip, int tries, string left) => new(
        "MigrationBlockedOthers",
        FaultKind.Failed,
        string.Create(CultureInfo.InvariantCulture, $"{script.FileName}{(line is null ? "" : $":{line}")}: cancelled, {trip}; {(tries == 1 ? "1 try" : $"{tries} tries")}. {left}"),
        "Write it so that it keeps nobody waiting, which Test-DbMigration shows how to, or choose a calmer time; a plan may allow more by Databases.Limits.")
    { Target = script.FileName };

    /// <summary>A round of a repeated statement touched more rows than it may.</summary>
    internal static DeployOpsException ChunkExceeded(MigrationScript script, SqlStatement statement, long rows, string left) => new(
        "MigrationChunkExceeded",
        FaultKind.InvalidData,
        string.Create(CultureInfo.InvariantCulture, $"{script.FileName}:{statement.Line}: a round touched {rows} rows, at most {statement.Repetition!.Chunk} may be; that round was rolled back. {left}"),
        "Limit the statement itself, such as by WHERE id IN (SELECT id … LIMIT 5000): chunk says how many rows it may touch and puts nothing into it.")
    { Target = script.FileName };

    /// <summary>A round whose rows the server does not count would be run for ever.</summary>
    internal static DeployOpsException RoundUncounted(MigrationScript script, SqlStatement statement, string left) => new(
        "MigrationRoundUncounted",
        FaultKind.InvalidData,
        $"{script.FileName}:{statement.Line}: the server does not say how many rows a round touches, so nobody could tell the last one; that round was rolled back. {left}",
        "Let the statement be an INSERT, UPDATE or DELETE itself; one that ends in a SELECT counts nothing.")
    { Target = script.FileName };

    /// <summary>A statement ended the transaction that the script runs in.</summary>
    internal static DeployOpsException EndedTransaction(MigrationScript script) =>
        Failed(script, $"{script.FileName}: a statement of it ended the transaction that the script runs in; what stood before it is committed.", null);

    /// <summary>The script began a transaction that it does not end.</summary>
    internal static DeployOpsException OpenTransaction(MigrationScript script, string left) =>
        Failed(script, $"{script.FileName}: it begins a transaction and does not end it; that transaction was rolled back. {left}", null);

    /// <summary>An index that the script wants is there and cannot be used.</summary>
    internal static DeployOpsException InvalidIndex(MigrationScript script, PostgreSqlIndex index, string left) => new(
        "MigrationIndexInvalid",
        FaultKind.Failed,
        $"{script.FileName}: the index {index.Name} on {index.Table} exists and is invalid, left by a CREATE INDEX CONCURRENTLY that failed. {left}",
        "Drop it with DROP INDEX CONCURRENTLY, then run again.")
    { Target = script.FileName };

    /// <summary>Whether the commit happened is not known.</summary>
    internal static DeployOpsException LostAtCommit(MigrationScript script, NpgsqlException cause) => new(
        "MigrationCommitUnknown",
        FaultKind.Failed,
        $"{script.FileName}: the connection was lost while it was committed: {PostgreSqlErrors.Words(cause)}. It is in effect with its row in the history, or nothing of it is left.",
        "Run again: the history tells, and what is applied is not applied again.",
        cause)
    { Target = script.FileName };

    /// <summary>What was begun outside of a transaction cannot be gone on with.</summary>
    internal static DeployOpsException Interrupted(MigrationScript script, int line, string fact, string next) => new(
        "MigrationInterrupted",
        FaultKind.InvalidOperation,
        string.Create(CultureInfo.InvariantCulture, $"{script.FileName}:{line}: {fact}."),
        next)
    { Target = script.FileName };

    private static DeployOpsException Failed(MigrationScript script, string fact, Exception? cause) =>
        new("MigrationScriptFailed", FaultKind.Failed, fact, "Correct the script or the data.", cause) { Target = script.FileName };
}
