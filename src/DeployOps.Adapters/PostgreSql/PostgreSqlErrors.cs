using System.Net.Sockets;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>The errors that every port of a PostgreSQL database can answer with, and how the server's words are shown.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>The server's words with their SQLSTATE. Its DETAIL is left out: it holds values of rows.</summary>
    internal static string Words(Exception fault) => fault switch
    {
        PostgresException { Hint: { Length: > 0 } hint } e => $"{e.MessageText.TrimEnd('.')} ({e.SqlState}; {hint.TrimEnd('.')})",
        PostgresException e => $"{e.MessageText.TrimEnd('.')} ({e.SqlState})",
        { InnerException: SocketException inner } => $"{fault.Message.TrimEnd('.')}: {inner.Message}",
        { InnerException: { } inner } when inner.Message != fault.Message => $"{fault.Message.TrimEnd('.')}: {inner.Message.TrimEnd('.')}",
        _ => fault.Message.TrimEnd('.'),
    };

    /// <summary>It cannot be connected to.</summary>
    internal static DeployOpsException Unreachable(PostgreSqlServer server, Exception fault)
    {
        var (kind, next) = fault is PostgresException { SqlState: var state } ? Refused(state) : (FaultKind.Failed, "Check host, port and network, and that the server runs.");
        return new DeployOpsException("DatabaseUnreachable", kind, $"The database {server.Place} cannot be connected to: {Words(fault)}.", next) { Target = server.Place };
    }

    /// <summary>A statement of this program met something that the database does not allow now.</summary>
    internal static DeployOpsException Of(PostgreSqlServer server, NpgsqlException fault) => fault switch
    {
        _ when IsLost(fault) => new DeployOpsException(
            "DatabaseConnectionLost",
            FaultKind.Failed,
            $"The connection to {server.Place} was lost: {Words(fault)}.",
            "See in the server's log why it ended, then run again.",
            fault)
        { Target = server.Place },
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.TooManyConnections } => new DeployOpsException(
            "DatabaseBusy",
            FaultKind.Busy,
            $"The database {server.Place} is held by others: {Words(fault)}.",
            "Find out who holds it, or try again later.",
            fault)
        { Target = server.Place },
        _ => new DeployOpsException(
            "DatabaseReadFailed",
            FaultKind.Failed,
            $"The database {server.Place} cannot be read: {Words(fault)}.",
            "Check the account's rights and the server's log.",
            fault)
        { Target = server.Place },
    };

    /// <summary>Whether the connection is gone, so that nothing more can be asked of it.</summary>
    internal static bool IsLost(NpgsqlException fault) => fault is not PostgresException postgres
        ? fault.InnerException is IOException or SocketException or EndOfStreamException or TimeoutException
        : postgres.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or "57P05" or "25P03" or PostgresErrorCodes.ConnectionFailure;

    /// <summary>Whether a second attempt of the same transaction may succeed: a lock that was not got in time, a deadlock, a serialisation failure.</summary>
    internal static bool MayPass(NpgsqlException fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    /// <summary>The same of a script that its watch may have cancelled: while it only waited for a lock, nothing was done yet.</summary>
    internal static bool MayPass(NpgsqlException fault, MigrationTrip? trip) => trip is null ? MayPass(fault) : trip.WhileWaiting && !IsLost(fault);

    private static (FaultKind Kind, string Next) Refused(string state) => state switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => (FaultKind.Denied, "Check the account and its password, and pg_hba.conf."),
        PostgresErrorCodes.InvalidCatalogName => (FaultKind.NotFound, "Check the database's name; it is not made by DeployOps."),
        PostgresErrorCodes.TooManyConnections => (FaultKind.Busy, "Free connections, or raise max_connections."),
        PostgresErrorCodes.CannotConnectNow => (FaultKind.Busy, "Wait until the server is ready."),
        _ => (FaultKind.Failed, "Check what the server refuses."),
    };
}
