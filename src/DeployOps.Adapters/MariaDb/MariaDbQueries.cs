using System.Globalization;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Statements of this program with their values, <c>@p0</c> and following.</summary>
internal static class MariaDbQueries
{
    /// <summary>Runs statements one after another, ignoring rows.</summary>
    internal static async Task ExecuteAsync(this MySqlConnection connection, CancellationToken cancellationToken, params IReadOnlyCollection<string> statements)
    {
        foreach (var statement in statements)
        {
            await connection.ExecuteAsync(statement, [], cancellationToken);
        }
    }

    /// <summary>Runs one statement and answers how many rows it changed, or -1 where it is of another kind.</summary>
    internal static async Task<int> ExecuteAsync(this MySqlConnection connection, string sql, object?[] values, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the first row as text; null where there is no row or it is NULL.</summary>
    internal static async Task<string?> TextAsync(this MySqlConnection connection, string sql, object?[] values, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, values);
        var value = await command.ExecuteScalarAsync(cancellationToken);
        return value is null or DBNull ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
    }

    /// <summary>The first column of the first row as a number; 0 where there is no row or it is NULL.</summary>
    internal static async Task<long> NumberAsync(this MySqlConnection connection, string sql, object?[] values, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, values);
        var value = await command.ExecuteScalarAsync(cancellationToken);
        return value is null or DBNull ? 0 : Convert.ToInt64(value, CultureInfo.InvariantCulture);
    }

    /// <summary>Every row of a query.</summary>
    internal static async Task<List<T>> QueryAsync<T>(this MySqlConnection connection, string sql, object?[] values, Func<MySqlDataReader, T> row, CancellationToken cancellationToken)
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

    /// <summary>A column as text, whatever its type; empty where it is NULL.</summary>
    internal static string Text(this MySqlDataReader row, int column) => row.IsDBNull(column) ? "" : Convert.ToString(row.GetValue(column), CultureInfo.InvariantCulture) ?? "";

    /// <summary>A column as a number; 0 where it is NULL.</summary>
    internal static double Number(this MySqlDataReader row, int column) => row.IsDBNull(column) ? 0 : Convert.ToDouble(row.GetValue(column), CultureInfo.InvariantCulture);

    /// <summary>The server's version, such as 10.11.6.</summary>
    internal static Version Version(this MySqlConnection connection)
    {
        // "5.5.5-10.11.6-MariaDB-…" is how older protocols are told.
        var words = connection.ServerVersion.Replace("5.5.5-", "", StringComparison.Ordinal).Split('-', 2)[0];
        return System.Version.TryParse(words, out var version) ? version : new Version(0, 0);
    }

    private static MySqlCommand Command(MySqlConnection connection, string sql, object?[] values)
    {
        var command = new MySqlCommand(sql, connection);
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"@p{i}"), values[i] ?? DBNull.Value);
        }

        return command;
    }
}
