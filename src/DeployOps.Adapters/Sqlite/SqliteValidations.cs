using System.Globalization;
using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;
using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>Asks single queries on a connection that cannot write, each in a read transaction of its own.</summary>
/// <param name="file">The database.</param>
/// <param name="timeout">How long one query may run.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class SqliteValidations(SqliteFile file, TimeSpan timeout, DatabaseJobs jobs) : IValidationTarget
{
    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c>, <c>DatabaseBusy</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sql);
        ArgumentNullException.ThrowIfNull(redact);
        return jobs.RunAsync(
            token =>
            {
                using var session = SqliteSession.Open(file, SqliteAccess.Read, jobs.Time, token);
                try
                {
                    session.Execute("BEGIN");
                    return Ask(session, sql, sampleRows, redact);
                }
                catch (SqliteFault fault) when (fault.IsBusy)
                {
                    throw SqliteErrors.Of(file, fault);
                }
                catch (SqliteFault fault)
                {
                    throw Failed(fault.Message);
                }
            },
            timeout,
            () => Failed($"no answer within {timeout}"),
            cancellationToken);
    }

    /// <summary>Asks one query in the transaction that is open.</summary>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c> where it is no query.</exception>
    /// <exception cref="SqliteFault">SQLite refused it.</exception>
    internal static QueryAnswer Ask(SqliteSession session, string sql, int sampleRows, Func<string, string> redact)
    {
        using var statement = session.Compile(SqliteSession.Utf8(sql), out var tail) ?? throw Failed("there is no query in it");
        if (SqlStatements.Read(Encoding.UTF8.GetString(tail).TrimEnd('\0')).Any())
        {
            throw Failed("there is more than one statement in it");
        }

        if (raw.sqlite3_stmt_readonly(statement) == 0 || raw.sqlite3_column_count(statement) == 0)
        {
            throw Failed("it is not a query: it would change something or returns no rows by its nature");
        }

        var columns = Enumerable.Range(0, raw.sqlite3_column_count(statement)).ToList();
        var answer = new AnswerReading([.. columns.Select(column => raw.sqlite3_column_name(statement, column).utf8_to_string())], sampleRows, redact);
        session.Run(statement, row => answer.Add([.. columns.Select(column => Value(row, column))], column => raw.sqlite3_column_type(row, column) is raw.SQLITE_INTEGER or raw.SQLITE_FLOAT));

        return answer.Answer();
    }

    private static string? Value(sqlite3_stmt row, int column) => raw.sqlite3_column_type(row, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(row, column).ToString(CultureInfo.InvariantCulture),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(row, column).ToString("R", CultureInfo.InvariantCulture),
        raw.SQLITE_BLOB => AnswerReading.Text(raw.sqlite3_column_blob(row, column)),
        _ => raw.sqlite3_column_text(row, column).utf8_to_string(),
    };

    internal static DeployOpsException Failed(string words) =>
        new("ValidationQueryFailed", FaultKind.Failed, $"The query failed: {words}.", "Correct the query, or look at what it found.");
}
