using System.Globalization;
using System.Text.RegularExpressions;
using DeployOps.Migrations.Sql;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>What the server refused of a script, and where in the script it stands.</summary>
internal sealed class MariaDbScriptFault : Exception
{
    private static readonly Regex LineForm = new(@" at line (?<line>\d+)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    /// <summary>The server refused.</summary>
    /// <param name="cause">What the server says.</param>
    /// <param name="line">The line in the script, from 1; null where no statement of it is to blame, as at the commit.</param>
    internal MariaDbScriptFault(MySqlException cause, int? line)
        : base(MariaDbErrors.Words(cause), cause) => (Cause, Line) = (cause, line);

    private MariaDbScriptFault()
        : base("canceled by the watch")
    {
    }

    /// <summary>The watch tripped between two statements: nothing runs that could be cancelled, and locks are held all the same.</summary>
    internal static MariaDbScriptFault Tripped() => new();

    /// <summary>What the server says; null where the watch tripped between two statements.</summary>
    internal MySqlException? Cause { get; }

    /// <summary>The line in the script, from 1, or null.</summary>
    internal int? Line { get; }

    /// <summary>Whether the connection is gone.</summary>
    internal bool IsLost => Cause is not null && MariaDbErrors.IsLost(Cause);

    /// <summary>Whether it ended by being cancelled, as the watch does it.</summary>
    internal bool WasCancelled => Cause is null || MariaDbErrors.IsCancelled(Cause) || IsLost;

    /// <summary>Of a statement: the line that the server counts to within it, where it does.</summary>
    internal static MariaDbScriptFault Of(SqlStatement statement, MySqlException cause)
    {
        var counted = cause.ErrorCode == MySqlErrorCode.ParseError && LineForm.Match(cause.Message) is { Success: true } match ? int.Parse(match.Groups["line"].ValueSpan, CultureInfo.InvariantCulture) : 1;
        return new MariaDbScriptFault(cause, statement.Line + counted - 1);
    }
}
