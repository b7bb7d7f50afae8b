using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Statements are sent as they stand, in batches: a batch's commands without parameters are not parsed by the driver, which would cut them at
/// semicolons of its own finding.
/// </summary>
internal static class PostgreSqlQueries
{
    /// <summary>Runs statements in one round trip, ignoring rows, and answers how many rows they changed. Outside of a transaction they are one.</summary>
    internal static async Task<long> ExecuteAsync(this NpgsqlConnection connection, CancellationToken cancellationToken, params IReadOnlyCollection<string> statements)
    {
        await using var batch = connection.CreateBatch();
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        }

        return await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs statements one after another, each by itself.</summary>
    internal static async Task ExecuteEachAsync(this NpgsqlConnection connection, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        foreach (var statement in statements)
        {
            await connection.ExecuteAsync(cancellationToken, statement);
        }
    }

    /// <summary>Runs one statement of this program with its values, <c>$1</c> and following.</summary>
    internal static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, object?[] values, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the first row; null where there is no row or it is NULL.</summary>
    internal static async Task<T?> ScalarAsync<T>(this NpgsqlConnection connection, string sql, object?[] values, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
    }

    /// <summary>Every row of a query of this program.</summary>
    internal static async Task<List<T>> QueryAsync<T>(this NpgsqlConnection connection, string sql, object?[] values, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }
}
