using System.Globalization;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Asks single queries, each in a read-only transaction of its own. What begins as a query is one statement by the rules of the dialect, which refuse several before one delimiter.</summary>
/// <param name="server">The database.</param>
/// <param name="timeout">How long one query may run; the server stops it too.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class MariaDbValidations(MariaDbServer server, TimeSpan timeout, DatabaseJobs jobs) : IValidationTarget
{
    /// <inheritdoc/>
    public IValidationTarget? Replica { get; init; }

    private static readonly Type[] Numbers =
        [typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(decimal), typeof(float), typeof(double)];

    private static readonly string[] Queries = ["SELECT", "WITH", "VALUES", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "CHECKSUM"];

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c>, <c>DatabaseBusy</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sql);
        ArgumentNullException.ThrowIfNull(redact);
        return jobs.RunAsync(
            async token =>
            {
                var query = Query(sql);
                await using var connection = await server.OpenAsync(token);
                try
                {
                    await BeginAsync(connection, token);
                    return await AskAsync(connection, query, sampleRows, redact, token);
                }
                catch (MySqlException e) when (e.Number == MariaDbErrors.StatementTimeout)
                {
                    throw Failed($"no answer within {timeout}");
                }
                catch (MySqlException e) when (MariaDbErrors.IsLost(e) || MariaDbErrors.MayPass(e))
                {
                    throw MariaDbErrors.Of(server, e);
                }
                catch (MySqlException e)
                {
                    throw Failed(MariaDbErrors.Words(e));
                }
            },
            timeout,
            () => Failed($"no answer within {timeout}"),
            cancellationToken);
    }

    /// <summary>The one query that a text is.</summary>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c>.</exception>
    internal static string Query(string sql)
    {
        try
        {
            var statements = SqlStatements.Read(sql, SqlDialect.MariaDb).Take(2).ToList();
            return statements.Count != 1 ? throw Failed("it is not one query")
                : !IsQuery(statements[0]) ? throw Failed("it is not a query: it returns no rows by its nature")
                : statements[0].Text;
        }
        catch (SqlScriptException e)
        {
            throw Failed(e.Message.TrimEnd('.'));
        }
    }

    // A file is written also within a transaction that is read only.
    private static bool IsQuery(SqlStatement statement) =>
        (Array.Exists(Queries, word => statement.Begins(word)) || statement.Tokens[0].Is('(')) && !statement.Tokens.Any(token => token.Is("OUTFILE") || token.Is("DUMPFILE"));

    private async Task BeginAsync(MySqlConnection connection, CancellationToken token)
    {
        var limit = timeout == Timeout.InfiniteTimeSpan ? "0" : Math.Max(timeout.TotalSeconds, 0.001).ToString("0.###", CultureInfo.InvariantCulture);
        await connection.ExecuteAsync(token, $"SET SESSION max_statement_time = {limit}, lock_wait_timeout = 5, time_zone = '+00:00'", "START TRANSACTION READ ONLY");
    }

    /// <summary>Asks it.</summary>
    internal static async Task<QueryAnswer> AskAsync(MySqlConnection connection, string sql, int sampleRows, Func<string, string> redact, CancellationToken token)
    {
        await using var command = new MySqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(token);
        var columns = Enumerable.Range(0, reader.FieldCount).ToList();
        var answer = new AnswerReading([.. columns.Select(reader.GetName)], sampleRows, redact);
        while (await reader.ReadAsync(token))
        {
            answer.Add([.. columns.Select(column => Value(reader, column))], column => Array.IndexOf(Numbers, reader.GetFieldType(column)) >= 0);
        }

        return answer.Answer();
    }

    private static string? Value(MySqlDataReader reader, int column)
    {
        if (reader.IsDBNull(column))
        {
            return null;
        }

        // A number may have more digits than .NET's decimal.
        return reader.GetDataTypeName(column) == "DECIMAL"
            ? reader.GetMySqlDecimal(column).ToString()
            : reader.GetValue(column) switch
            {
                byte[] bytes => AnswerReading.Text(bytes),
                MySqlDateTime { IsValidDateTime: false } => "0000-00-00 00:00:00",
                MySqlDateTime time => Text(time.GetDateTime(), reader.GetDataTypeName(column)),
                DateTime time => Text(time, reader.GetDataTypeName(column)),
                TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
                var value => Convert.ToString(value, CultureInfo.InvariantCulture),
            };
    }

    private static string Text(DateTime time, string type) => time.ToString(type == "DATE" ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);

    /// <summary>It could not be answered.</summary>
    internal static DeployOpsException Failed(string words) =>
        new("ValidationQueryFailed", FaultKind.Failed, $"The query failed: {words}.", "Correct the query, or look at what it found.");
}
