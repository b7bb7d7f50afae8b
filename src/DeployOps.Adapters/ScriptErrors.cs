using System.Globalization;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters;

/// <summary>The ways in which a script does not succeed on a server, whichever it is. Each says what of it is left.</summary>
internal static class ScriptErrors
{
    /// <summary>A file and a line of it, from 1; the file alone where no statement of it is to blame.</summary>
    internal static string Place(MigrationScript script, int? line) => line is null ? script.FileName : string.Create(CultureInfo.InvariantCulture, $"{script.FileName}:{line}");

    /// <summary>Others held what it needs, at every try.</summary>
    internal static DeployOpsException LockTimeout(MigrationScript script, string place, string words, int tries, string blockers, string left, Exception cause) => new(
        "MigrationLockTimeout",
        FaultKind.Busy,
        $"{place}: {words}, {Tries(tries)}. {(blockers.Length == 0 ? "" : $"Blocked by {blockers}. ")}{left}",
        "End the transactions that hold the table, or choose a calmer time, then run again.",
        cause)
    { Target = script.FileName };

    /// <summary>The server stopped a statement that took too long.</summary>
    internal static DeployOpsException StatementTimeout(MigrationScript script, string place, string words, string left, Exception cause) => new(
        "MigrationScriptTimeout", FaultKind.Timeout, $"{place}: {words}. {left}", Shorter, cause)
    { Target = script.FileName };

    /// <summary>It did not end within its time.</summary>
    internal static DeployOpsException TooLong(MigrationScript script, TimeSpan limit, string left) => new(
        "MigrationScriptTimeout", FaultKind.Timeout, $"{script.FileName} did not finish within {limit} and was stopped. {left}", Shorter)
    { Target = script.FileName };

    /// <summary>It was cancelled for what it did to others.</summary>
    internal static DeployOpsException BlockedOthers(MigrationScript script, string place, MigrationTrip trip, int tries, string left) => new(
        "MigrationBlockedOthers",
        FaultKind.Failed,
        $"{place}: cancelled, {trip}; {Tries(tries)}. {left}",
        "Write it so that it keeps nobody waiting, which Test-DbMigration shows how to, or choose a calmer time; a plan may allow more by Databases.Limits.")
    { Target = script.FileName };

    /// <summary>A round of a repeated statement touched more rows than it may.</summary>
    /// <param name="script">The script.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="rows">How many.</param>
    /// <param name="limit">How the dialect limits a statement, such as <c>LIMIT 5000</c>.</param>
    /// <param name="left">What of the script is left.</param>
    internal static DeployOpsException ChunkExceeded(MigrationScript script, SqlStatement statement, long rows, string limit, string left) => new(
        "MigrationChunkExceeded",
        FaultKind.InvalidData,
        string.Create(CultureInfo.InvariantCulture, $"{script.FileName}:{statement.Line}: a round touched {rows} rows, at most {statement.Repetition!.Chunk} may be; that round was rolled back. {left}"),
        $"Limit the statement itself, such as by {limit}: chunk says how many rows it may touch and puts nothing into it.")
    { Target = script.FileName };

    /// <summary>A round whose rows the server does not count would be run for ever.</summary>
    internal static DeployOpsException RoundUncounted(MigrationScript script, SqlStatement statement, string left) => new(
        "MigrationRoundUncounted",
        FaultKind.InvalidData,
        string.Create(CultureInfo.InvariantCulture, $"{script.FileName}:{statement.Line}: the server does not say how many rows a round touches, so nobody could tell the last one; that round was rolled back. {left}"),
        "Let the statement be an INSERT, UPDATE or DELETE itself; one that ends in a query counts nothing.")
    { Target = script.FileName };

    /// <summary>The script began a transaction that it does not end.</summary>
    internal static DeployOpsException OpenTransaction(MigrationScript script, string left) =>
        Failed(script, $"{script.FileName}: it begins a transaction and does not end it; that transaction was rolled back. {left}", null);

    /// <summary>Whether the commit happened is not known.</summary>
    internal static DeployOpsException LostAtCommit(MigrationScript script, string words, Exception cause) => new(
        "MigrationCommitUnknown",
        FaultKind.Failed,
        $"{script.FileName}: the connection was lost while it was committed: {words}. It is in effect with its row in the history, or nothing of it is left.",
        "Run again: the history tells, and what is applied is not applied again.",
        cause)
    { Target = script.FileName };

    /// <summary>What was begun outside of a transaction cannot be gone on with.</summary>
    internal static DeployOpsException Interrupted(MigrationScript script, int line, string fact, string next) => new(
        "MigrationInterrupted", FaultKind.InvalidOperation, $"{Place(script, line)}: {fact}.", next)
    { Target = script.FileName };

    /// <summary>The server refused it.</summary>
    internal static DeployOpsException Failed(MigrationScript script, string fact, Exception? cause) =>
        new("MigrationScriptFailed", FaultKind.Failed, fact, "Correct the script or the data.", cause) { Target = script.FileName };

    private const string Shorter = "Split the script or, where a plan names the database, raise its ScriptTimeout.";

    private static string Tries(int tries) => tries == 1 ? "1 try" : string.Create(CultureInfo.InvariantCulture, $"{tries} tries");
}
