using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>The ways in which a script does not succeed, in PostgreSQL's words where <see cref="ScriptErrors"/> has none. Each says what of it is left.</summary>
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
        var place = ScriptErrors.Place(script, fault.Line);
        return fault.Cause switch
        {
            var cause when PostgreSqlErrors.MayPass(cause) => ScriptErrors.LockTimeout(script, place, fault.Message, tries, blockers, left, cause),
            { SqlState: PostgresErrorCodes.QueryCanceled } cause => ScriptErrors.StatementTimeout(script, place, fault.Message, left, cause),
            var cause => ScriptErrors.Failed(script, $"{place}: {(PostgreSqlErrors.IsLost(cause) ? "the connection was lost: " : "")}{fault.Message}. {left}", PostgreSqlErrors.Cause(cause)),
        };
    }

    /// <summary>The server refused a statement, or the watch over the script cancelled it.</summary>
    internal static DeployOpsException Of(MigrationScript script, PostgreSqlScriptFault fault, MigrationTrip? trip, int tries, string blockers, string left) =>
        trip is null ? Of(script, fault, tries, blockers, left) : BlockedOthers(script, fault.Line, trip, tries, left);

    /// <summary>It did not end within its time.</summary>
    internal static DeployOpsException TooLong(MigrationScript script, TimeSpan limit, string left) => ScriptErrors.TooLong(script, limit, left);

    /// <summary>It was cancelled for what it did to others.</summary>
    internal static DeployOpsException BlockedOthers(MigrationScript script, int? line, MigrationTrip trip, int tries, string left) =>
        ScriptErrors.BlockedOthers(script, ScriptErrors.Place(script, line), trip, tries, left);

    /// <summary>A round of a repeated statement touched more rows than it may.</summary>
    internal static DeployOpsException ChunkExceeded(MigrationScript script, SqlStatement statement, long rows, string left) =>
        ScriptErrors.ChunkExceeded(script, statement, rows, "WHERE id IN (SELECT id … LIMIT 5000)", left);

    /// <summary>A round whose rows the server does not count would be run for ever.</summary>
    internal static DeployOpsException RoundUncounted(MigrationScript script, SqlStatement statement, string left) => ScriptErrors.RoundUncounted(script, statement, left);

    /// <summary>A statement ended the transaction that the script runs in.</summary>
    internal static DeployOpsException EndedTransaction(MigrationScript script) =>
        ScriptErrors.Failed(script, $"{script.FileName}: a statement of it ended the transaction that the script runs in; what stood before it is committed.", null);

    /// <summary>The script began a transaction that it does not end.</summary>
    internal static DeployOpsException OpenTransaction(MigrationScript script, string left) => ScriptErrors.OpenTransaction(script, left);

    /// <summary>An index that the script wants is there and cannot be used.</summary>
    internal static DeployOpsException InvalidIndex(MigrationScript script, PostgreSqlIndex index, string left) => new(
        "MigrationIndexInvalid",
        FaultKind.Failed,
        $"{script.FileName}: the index {index.Name} on {index.Table} exists and is invalid, left by a CREATE INDEX CONCURRENTLY that failed. {left}",
        "Drop it with DROP INDEX CONCURRENTLY, then run again.")
    { Target = script.FileName };

    /// <summary>Whether the commit happened is not known.</summary>
    internal static DeployOpsException LostAtCommit(MigrationScript script, NpgsqlException cause) => ScriptErrors.LostAtCommit(script, PostgreSqlErrors.Words(cause), cause);

    /// <summary>What was begun outside of a transaction cannot be gone on with.</summary>
    internal static DeployOpsException Interrupted(MigrationScript script, int line, string fact, string next) => ScriptErrors.Interrupted(script, line, fact, next);
}
