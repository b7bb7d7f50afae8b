using System.Net.Sockets;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>The errors that every port of a PostgreSQL database can answer with, and how the server's words are shown.</summary>
internal static class PostgreSqlErrors
{
    // Their messages quote a value, of a row or of the script, in whichever language the server speaks: it is told what they mean.
    private static readonly Dictionary<string, string> Quoting = new(StringComparer.Ordinal)
    {
        [PostgresErrorCodes.InvalidTextRepresentation] = "a value cannot be read as its type",
        [PostgresErrorCodes.InvalidDatetimeFormat] = "a value cannot be read as a date or time",
        [PostgresErrorCodes.DatetimeFieldOverflow] = "a date or time is out of range",
        [PostgresErrorCodes.NumericValueOutOfRange] = "a number is out of range for its type",
        [PostgresErrorCodes.InvalidParameterValue] = "a value is not one that is allowed there",
        [PostgresErrorCodes.InvalidBinaryRepresentation] = "a value cannot be read as its type",
        [PostgresErrorCodes.BadCopyFileFormat] = "a row that is copied has not the form of its table",
        [PostgresErrorCodes.CharacterNotInRepertoire] = "a text has bytes that are no characters of its encoding",
        [PostgresErrorCodes.UntranslatableCharacter] = "a text has characters that the database's encoding has not",
    };

    /// <summary>The server's words with their SQLSTATE. Its DETAIL is left out, and messages that quote values: those may be of rows, or a password.</summary>
    internal static string Words(Exception fault) => fault switch
    {
        PostgresException e when Quoting.TryGetValue(e.SqlState, out var meaning) => $"{meaning} ({e.SqlState})",
        PostgresException { SqlState: PostgresErrorCodes.SyntaxError } e when QuotesText(e.MessageText) => $"syntax error at or near a value ({e.SqlState})",
        PostgresException { Hint: { Length: > 0 } hint } e => $"{e.MessageText.TrimEnd('.')} ({e.SqlState}; {hint.TrimEnd('.')})",
        PostgresException e => $"{e.MessageText.TrimEnd('.')} ({e.SqlState})",
        { InnerException: SocketException inner } => $"{fault.Message.TrimEnd('.')}: {inner.Message}",
        { InnerException: { } inner } when inner.Message != fault.Message => $"{fault.Message.TrimEnd('.')}: {inner.Message.TrimEnd('.')}",
        _ => fault.Message.TrimEnd('.'),
    };

    /// <summary>A fault to be kept as the cause of an error; none where its own words hold a value.</summary>
    internal static NpgsqlException? Cause(NpgsqlException? fault) =>
        fault is PostgresException e && (Quoting.ContainsKey(e.SqlState) || (e.SqlState == PostgresErrorCodes.SyntaxError && QuotesText(e.MessageText))) ? null : fault;

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
            Cause(fault))
        { Target = server.Place },
    };

    /// <summary>The server has ended a process, though nothing on this side says so.</summary>
    internal static DeployOpsException Gone(PostgreSqlServer server, int number) => new(
        "DatabaseConnectionLost",
        FaultKind.Failed,
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The connection to {server.Place} was lost: the server does not know process {number} any more, or it is another client's."),
        "See in the server's log why it ended, then run again.")
    { Target = server.Place };

    /// <summary>Whether the connection is gone, so that nothing more can be asked of it.</summary>
    internal static bool IsLost(NpgsqlException fault) => fault is not PostgresException postgres
        ? fault.InnerException is IOException or SocketException or EndOfStreamException or TimeoutException
        : postgres.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or "57P05" or "25P03" or PostgresErrorCodes.ConnectionFailure;

    /// <summary>Whether a second attempt of the same transaction may succeed: a lock that was not got in time, a deadlock, a serialisation failure.</summary>
    internal static bool MayPass(NpgsqlException fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    /// <summary>The same of a script that its watch may have cancelled: while it only waited for a lock, nothing was done yet.</summary>
    internal static bool MayPass(NpgsqlException fault, MigrationTrip? trip) => trip is null ? MayPass(fault) : trip.WhileWaiting && !IsLost(fault);

    // near "'secret'", near "4711", near "$$": words alone are of the language, or names.
    private static bool QuotesText(string message) => message.AsSpan().IndexOfAny("'$") >= 0 || message.AsSpan().IndexOfAnyInRange('0', '9') >= 0;

    private static (FaultKind Kind, string Next) Refused(string state) => state switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => (FaultKind.Denied, "Check the account and its password, and pg_hba.conf."),
        PostgresErrorCodes.InvalidCatalogName => (FaultKind.NotFound, "Check the database's name; it is not made by DeployOps."),
        PostgresErrorCodes.TooManyConnections => (FaultKind.Busy, "Free connections, or raise max_connections."),
        PostgresErrorCodes.CannotConnectNow => (FaultKind.Busy, "Wait until the server is ready."),
        _ => (FaultKind.Failed, "Check what the server refuses."),
    };
}
