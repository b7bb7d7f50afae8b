using System.Data;
using System.Globalization;
using DeployOps.Migrations.Validations;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Asks single queries, each in a read-only transaction of its own. The server itself says that there is one statement and that it returns rows.</summary>
/// <param name="server">The database.</param>
/// <param name="timeout">How long one query may run; the server stops it too.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class PostgreSqlValidations(PostgreSqlServer server, TimeSpan timeout, DatabaseJobs jobs) : IValidationTarget
{
    private static readonly string[] Numbers = ["smallint", "integer", "bigint", "numeric", "real", "double precision"];

    /// <inheritdoc/>
    public IValidationTarget? Replica { get; init; }

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c>, <c>DatabaseBusy</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sql);
        ArgumentNullException.ThrowIfNull(redact);
        return jobs.RunAsync(
            async token =>
            {
                await using var connection = await server.OpenAsync("validation", token);
                try
                {
                    await BeginAsync(connection, token);
                    return await AskOneAsync(connection, sql, sampleRows, redact, token);
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled && !token.IsCancellationRequested)
                {
                    throw Failed($"no answer within {timeout}");
                }
                catch (NpgsqlException e) when (PostgreSqlErrors.IsLost(e) || PostgreSqlErrors.MayPass(e))
                {
                    throw PostgreSqlErrors.Of(server, e);
                }
                catch (NpgsqlException e)
                {
                    throw Failed(PostgreSqlErrors.Words(e));
                }
            },
            timeout,
            () => Failed($"no answer within {timeout}"),
            cancellationToken);
    }

    /// <summary>Asks one query in the transaction that is open and reads only.</summary>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c> where it is no query.</exception>
    /// <exception cref="NpgsqlException">The server refused it.</exception>
    internal static async Task<QueryAnswer> AskOneAsync(NpgsqlConnection connection, string sql, int sampleRows, Func<string, string> redact, CancellationToken token)
    {
        await RefuseAnythingButOneQueryAsync(connection, sql, token);
        return await AskAsync(connection, sql, sampleRows, redact, token);
    }

    private async Task BeginAsync(NpgsqlConnection connection, CancellationToken token) =>
        await connection.ExecuteAsync(token, ["BEGIN TRANSACTION READ ONLY", $"SET LOCAL statement_timeout = {PostgreSqlSettings.Milliseconds(timeout)}", .. PostgreSqlSettings.Texts]);

    // Parsed and described, not run: the server refuses more than one command and knows whether there are columns.
    private static async Task RefuseAnythingButOneQueryAsync(NpgsqlConnection connection, string sql, CancellationToken token)
    {
        await using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        await using var reader = await batch.ExecuteReaderAsync(CommandBehavior.SchemaOnly, token);
        if (reader.FieldCount == 0)
        {
            throw Failed("it is not a query: it returns no rows by its nature");
        }
    }

    private static async Task<QueryAnswer> AskAsync(NpgsqlConnection connection, string sql, int sampleRows, Func<string, string> redact, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync(token);
        var kinds = Enumerable.Range(0, reader.FieldCount).Select(reader.GetDataTypeName).ToList();
        var numbers = kinds.Select(kind => Array.IndexOf(Numbers, kind.Split('(')[0]) >= 0).ToList();
        var answer = new AnswerReading([.. kinds.Select((_, column) => reader.GetName(column))], sampleRows, redact);
        while (await reader.ReadAsync(token))
        {
            answer.Add([.. kinds.Select((_, column) => Value(reader, kinds, column))], column => numbers[column]);
        }

        return answer.Answer();
    }

    private static string? Value(NpgsqlDataReader reader, List<string> kinds, int column)
    {
        if (reader.IsDBNull(column))
        {
            return null;
        }

        var text = reader.GetString(column);
        return kinds[column] switch
        {
            "boolean" => text == "t" ? "true" : "false",
            "bytea" => AnswerReading.Text(Convert.FromHexString(text.AsSpan(2))),
            _ => text,
        };
    }

    internal static DeployOpsException Failed(string words) =>
        new("ValidationQueryFailed", FaultKind.Failed, $"The query failed: {words}.", "Correct the query, or look at what it found.");
}
