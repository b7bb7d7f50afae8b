using Microsoft.Data.Sqlite;

namespace Shop.Store;

/// <summary>The shop's SQLite file, shared by all instances.</summary>
internal sealed class ShopDatabase(string path)
{
    /// <summary>How long one instance waits while another, or a migration, writes.</summary>
    private const int BusyMilliseconds = 5000;

    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWrite,
    }.ToString();

    /// <summary>Opens the existing file.</summary>
    /// <exception cref="SqliteException">It is not there, or is no database.</exception>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();

            // SQLite's own wait is finer than the driver's, which sleeps 150 ms between two attempts.
            Execute(connection, $"PRAGMA busy_timeout = {BusyMilliseconds}; PRAGMA foreign_keys = ON;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that answer nothing of interest.</summary>
    public static void Execute(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    /// <summary>Makes a command with its parameters.</summary>
    public static SqliteCommand Command(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
