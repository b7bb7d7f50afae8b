using DeployOps.Migrations.Sql;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>What the server refused of a script, and where in the script it stands.</summary>
/// <param name="cause">What the server says.</param>
/// <param name="line">The line in the script, from 1; null where no statement of it is to blame, as at the commit.</param>
internal sealed class PostgreSqlScriptFault(NpgsqlException cause, int? line) : Exception(PostgreSqlErrors.Words(cause), PostgreSqlErrors.Cause(cause))
{
    /// <summary>What the server says.</summary>
    public NpgsqlException Cause { get; } = cause;

    /// <summary>The line in the script, from 1, or null.</summary>
    public int? Line { get; } = line;

    /// <summary>Whether the server refused a statement for its words, before it ran: what fails within code that is run says where in it.</summary>
    internal bool IsBeforeRun => Cause is PostgresException { Where: null or "", SqlState: ['4', '2', ..] };

    /// <summary>Whether it ended by being cancelled, or with its connection, which a cancel that comes to nothing ends.</summary>
    internal bool WasCancelled => Cause.SqlState == PostgresErrorCodes.QueryCanceled || PostgreSqlErrors.IsLost(Cause);

    /// <summary>Of a statement: the line that the server's position is in; of rows that were copied, the row's line.</summary>
    internal static PostgreSqlScriptFault Of(SqlStatement statement, NpgsqlException cause)
    {
        var line = statement.Line;
        if (cause is PostgresException { Position: > 0 } postgres)
        {
            line += statement.Text.AsSpan(0, Math.Min(postgres.Position - 1, statement.Text.Length)).Count('\n');
        }
        else if (statement.CopyLines is not null && CopiedRow(cause) is { } row)
        {
            line += statement.Text.AsSpan().Count('\n') + row;
        }

        return new PostgreSqlScriptFault(cause, line);
    }

    // "COPY orders, line 3, column total: ..."
    private static int? CopiedRow(NpgsqlException cause)
    {
        const string mark = ", line ";
        var where = (cause as PostgresException)?.Where ?? "";
        var at = where.StartsWith("COPY ", StringComparison.Ordinal) ? where.IndexOf(mark, StringComparison.Ordinal) : -1;
        if (at < 0)
        {
            return null;
        }

        var digits = where.AsSpan(at + mark.Length);
        var length = digits.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(length < 0 ? digits : digits[..length], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var row) ? row : null;
    }
}
