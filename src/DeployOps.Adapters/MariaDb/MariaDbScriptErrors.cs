using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.MariaDb;

/// <summary>The ways in which a script does not succeed that are MariaDB's own, beside <see cref="ScriptErrors"/>.</summary>
internal static class MariaDbScriptErrors
{
    /// <summary>How a statement is limited to a round of rows.</summary>
    internal const string Limit = "LIMIT 5000";

    /// <summary>The server refused a statement, or the watch over the script cancelled it.</summary>
    /// <param name="script">The script.</param>
    /// <param name="fault">What it refused.</param>
    /// <param name="trip">Why the watch cancelled it; null where it did not.</param>
    /// <param name="tries">How often it was tried.</param>
    /// <param name="blockers">Who was seen to block it, or empty.</param>
    /// <param name="left">What of the script is left.</param>
    internal static DeployOpsException Of(MigrationScript script, MariaDbScriptFault fault, MigrationTrip? trip, int tries, string blockers, string left)
    {
        var place = ScriptErrors.Place(script, fault.Line);
        if (trip is not null)
        {
            return ScriptErrors.BlockedOthers(script, place, trip, tries, left);
        }

        return fault.Cause switch
        {
            { } cause when MariaDbErrors.MayPass(cause) => ScriptErrors.LockTimeout(script, place, fault.Message, tries, blockers, left, cause),
            { Number: MariaDbErrors.StatementTimeout } cause => ScriptErrors.StatementTimeout(script, place, fault.Message, left, cause),
            var cause => ScriptErrors.Failed(script, $"{place}: {(fault.IsLost ? "the connection was lost: " : "")}{fault.Message}. {left}", MariaDbErrors.Cause(cause)),
        };
    }

    /// <summary>A statement ended the transaction that the script runs in.</summary>
    internal static DeployOpsException EndedTransaction(MigrationScript script) => ScriptErrors.Failed(
        script, $"{script.FileName}: a statement of it ended the transaction that the script runs in; what stood before it is committed. The next run refuses and says what to do.", null);

    /// <summary>A statement would take from the runner what it needs to keep its promises.</summary>
    internal static DeployOpsException Unsupported(MigrationScript script, SqlStatement statement, string why) => new(
        "MigrationScriptUnsupported", FaultKind.InvalidData, $"{ScriptErrors.Place(script, statement.Line)}: {why}.", "Remove it, or do it outside of the migration.")
    { Target = script.FileName };
}
