using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Shop.Store;

/// <summary>A SQLite file.</summary>
internal sealed class SqliteShopDatabase(string path) : ShopDatabase
{
    /// <summary>How long one instance waits while another, or a migration, writes.</summary>
    private const int BusyMilliseconds = 5000;

    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWrite,
    }.ToString();

    public override string KeyType => "INTEGER PRIMARY KEY";

    public override string NumberType => "INTEGER";

    public override string TimeType => "TEXT";

    public override string PositionFunction => "instr";

    // SQLite's own wait is finer than the driver's, which sleeps 150 ms between two attempts.
    public override DbConnection Open() => Open(_connectionString, $"PRAGMA busy_timeout = {BusyMilliseconds}; PRAGMA foreign_keys = ON;");

    public override DbConnection OpenForSetup()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return Open(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString(),
            $"PRAGMA busy_timeout = {BusyMilliseconds}; PRAGMA journal_mode = WAL;");
    }

    public override string HoursInto2026(string hours) => $"datetime('2026-01-01', '+' || {hours} || ' hours')";

    public override string NumberOn(params string[] tables) => "";

    private static SqliteConnection Open(string connectionString, string settings)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            Execute(connection, settings);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
