using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using DeployOps.Migrations.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>The errors that every port of a MariaDB database can answer with, and how the server's words are shown.</summary>
internal static class MariaDbErrors
{
    /// <summary>A statement ran longer than <c>max_statement_time</c>.</summary>
    internal const int StatementTimeout = 1969;

    /// <summary>The connection was ended by <c>KILL</c>.</summary>
    internal const int ConnectionKilled = 1927;

    // The account lacks a right: of the server as a whole, of a database, of a table, of a column, of a routine.
    private static readonly int[] Forbidden = [1044, 1142, 1143, 1227, 1370];

    // While there is a binary log, only SUPER makes triggers, and functions that are not said to be deterministic or to read alone.
    private static readonly int[] OfBinaryLog = [1418, 1419];

    private static readonly int[] Withheld = [1045, 1095, 1290, 1410, .. OfBinaryLog];

    /// <summary>What to do where that is so.</summary>
    internal const string BinaryLogWay =
        "while the server writes a binary log it lets only accounts with SUPER make triggers, and functions that are not DETERMINISTIC, NO SQL or READS SQL DATA; to have them made there, SET GLOBAL log_bin_trust_function_creators = 1, or name a server without a binary log by Databases.Scratch";

    // Their words begin with a value of a row, between quotes: a duplicate, one that does not fit its type, one without a partition.
    private static readonly int[] Quoting = [1062, 1292, 1366, 1367, 1411, 1525, 1526, 1586];
    private static readonly Regex QuotedValue = new("'(?s:.*)'(?= for (key|column|function) )|(?<=[Vv]alue:? )('(?s:.*)'|[^' ]+$)", RegexOptions.ExplicitCapture);

    private static readonly Regex SyntaxForm = new(@"^ERROR 1064 \(\w+\) at line \d+", RegexOptions.NonBacktracking);

    /// <summary>The server's words with their number, as its manual lists them. Values of rows are left out.</summary>
    internal static string Words(Exception fault) => fault switch
    {
        MySqlException { Number: > 0, InnerException: null } e => string.Create(CultureInfo.InvariantCulture, $"{Silenced(e.Number, e.Message).TrimEnd('.')} ({e.Number})"),
        { InnerException: SocketException inner } => $"{fault.Message.TrimEnd('.')}: {inner.Message}",
        { InnerException: { } inner } when inner.Message != fault.Message => $"{fault.Message.TrimEnd('.')}: {Words(inner)}",
        _ => fault.Message.TrimEnd('.'),
    };

    /// <summary>It cannot be connected to.</summary>
    internal static DeployOpsException Unreachable(MariaDbServer server, Exception fault)
    {
        var (kind, next) = fault is MySqlException { Number: var number } ? Refused(number) : (FaultKind.Failed, "Check host, port and network, and that the server runs.");
        return new DeployOpsException("DatabaseUnreachable", kind, $"The database {server.Place} cannot be connected to: {Words(fault)}.", next) { Target = server.Place };
    }

    /// <summary>A statement of this program met something that the database does not allow now.</summary>
    internal static DeployOpsException Of(MariaDbServer server, MySqlException fault) => fault switch
    {
        _ when IsLost(fault) => new DeployOpsException(
            "DatabaseConnectionLost",
            FaultKind.Failed,
            $"The connection to {server.Place} was lost: {Words(fault)}.",
            "See in the server's log why it ended, then run again.",
            fault)
        { Target = server.Place },
        _ when MayPass(fault) || fault.ErrorCode is MySqlErrorCode.ConnectionCountError or MySqlErrorCode.TooManyUserConnections or MySqlErrorCode.UserLimitReached => new DeployOpsException(
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

    /// <summary>The server has ended a connection, though nothing on this side says so.</summary>
    internal static DeployOpsException Gone(MariaDbServer server, long number) => new(
        "DatabaseConnectionLost",
        FaultKind.Failed,
        string.Create(CultureInfo.InvariantCulture, $"The connection to {server.Place} was lost: the server does not know connection {number} any more, or it is another client's."),
        "See in the server's log why it ended, then run again.")
    { Target = server.Place };

    /// <summary>Whether the connection is gone, so that nothing more can be asked of it.</summary>
    internal static bool IsLost(MySqlException fault) =>
        fault.Number == ConnectionKilled
        || fault.ErrorCode is MySqlErrorCode.ServerShutdown or MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.NewAbortingConnection or MySqlErrorCode.NormalShutdown or MySqlErrorCode.AbortingConnection
        || fault.InnerException is IOException or SocketException or EndOfStreamException or TimeoutException
        || (fault.Number == 0 && fault.InnerException is not null);

    /// <summary>Whether it was cancelled on the server: by <c>KILL QUERY</c>, or because it took too long.</summary>
    internal static bool IsCancelled(MySqlException fault) => fault.ErrorCode == MySqlErrorCode.QueryInterrupted || fault.Number == StatementTimeout;

    /// <summary>Whether a second attempt of the same statement may succeed: a lock that was not got in time, a deadlock, a row that changed under the snapshot.</summary>
    internal static bool MayPass(MySqlException fault) => fault.ErrorCode is MySqlErrorCode.LockWaitTimeout or MySqlErrorCode.LockDeadlock or MySqlErrorCode.CheckRead;

    /// <summary>The same of a script that its watch may have cancelled: while it only waited for a lock, nothing was done yet.</summary>
    internal static bool MayPass(MySqlException fault, MigrationTrip? trip) => trip is null ? MayPass(fault) : trip.WhileWaiting && !IsLost(fault);

    /// <summary>Whether the account lacks a right.</summary>
    internal static bool IsForbidden(MySqlException fault) => Array.Exists(Forbidden, number => number == fault.Number);

    /// <summary>Whether it was refused to an account that has rights on one database alone, and may not be to another: files, triggers and functions while there is a binary log, connections of others.</summary>
    internal static bool IsWithheld(MySqlException fault) => IsForbidden(fault) || Array.Exists(Withheld, number => number == fault.Number);

    /// <summary>Whether it was refused for the binary log's sake alone.</summary>
    internal static bool IsOfBinaryLog(MySqlException fault) => Array.Exists(OfBinaryLog, number => number == fault.Number);

    /// <summary>A fault to be kept as the cause of an error; none where its own words hold a value of a row.</summary>
    internal static MySqlException? Cause(MySqlException? fault) => fault is not null && Array.Exists(Quoting, number => number == fault.Number) ? null : fault;

    /// <summary>The server's words without the value of a row that they begin with.</summary>
    internal static string Silenced(int number, string words) => Array.Exists(Quoting, known => known == number) ? QuotedValue.Replace(words, "'…'", 1) : words;

    /// <summary>
    /// The same of a program that reads a dump. Of what the server does not understand it repeats the text, which in a dump is rows: only the number and the line are kept.
    /// </summary>
    internal static string SilencedOfDump(int number, string words) => number == (int)MySqlErrorCode.ParseError
        ? SyntaxForm.Match(words) is { Success: true } match ? $"{match.Value}: the server does not understand what stands there" : "ERROR 1064: the server does not understand what stands there"
        : Silenced(number, words);

    private static (FaultKind Kind, string Next) Refused(int number) => (MySqlErrorCode)number switch
    {
        MySqlErrorCode.AccessDenied or MySqlErrorCode.DatabaseAccessDenied => (FaultKind.Denied, "Check the account, its password, the host it may come from and its rights on the database."),
        MySqlErrorCode.HostNotPrivileged or MySqlErrorCode.HostIsBlocked => (FaultKind.Denied, "Check from which hosts the server lets accounts in."),
        MySqlErrorCode.UnknownDatabase => (FaultKind.NotFound, "Check the database's name; it is not made by DeployOps."),
        MySqlErrorCode.ConnectionCountError or MySqlErrorCode.TooManyUserConnections or MySqlErrorCode.UserLimitReached => (FaultKind.Busy, "Free connections, or raise max_connections or the account's limit."),
        MySqlErrorCode.UnableToConnectToHost => (FaultKind.Failed, "Check host, port and network, and that the server runs."),
        _ => (FaultKind.Failed, "Check what the server refuses."),
    };
}
