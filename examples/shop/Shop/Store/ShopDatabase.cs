using System.Data.Common;

namespace Shop.Store;

/// <summary>The shop's database, shared by all instances, and the little in which one kind of database differs from another.</summary>
internal abstract class ShopDatabase
{
    /// <summary>A column that numbers its rows itself.</summary>
    public abstract string KeyType { get; }

    /// <summary>A column of whole numbers that a <see cref="long"/> fits in.</summary>
    public abstract string NumberType { get; }

    /// <summary>A column of points in time, UTC, to the second.</summary>
    public abstract string TimeType { get; }

    /// <summary>The function that tells where a text holds another; 0 where it does not.</summary>
    public abstract string PositionFunction { get; }

    /// <summary>The database that a command line means.</summary>
    /// <param name="database">A connection string of PostgreSQL, which holds <c>=</c>, or the path of a SQLite file.</param>
    /// <exception cref="CommandLine.UsageException">It holds <c>=</c> and is no connection string.</exception>
    public static ShopDatabase Of(string database) =>
        database.Contains('=', StringComparison.Ordinal) ? new PostgreSqlShopDatabase(database) : new SqliteShopDatabase(Path.GetFullPath(database));

    /// <summary>Opens it as it is.</summary>
    /// <exception cref="DbException">It is not there, or is no database.</exception>
    public abstract DbConnection Open();

    /// <summary>Opens it to be set up, and makes what can be made.</summary>
    public abstract DbConnection OpenForSetup();

    /// <summary>An expression: the beginning of 2026 and so many hours.</summary>
    /// <param name="hours">An expression of a whole number.</param>
    public abstract string HoursInto2026(string hours);

    /// <summary>Statements after which the tables number on from what they hold; empty where they do so by themselves.</summary>
    public abstract string NumberOn(params string[] tables);

    /// <summary>Runs statements that answer nothing of interest.</summary>
    public static void Execute(DbConnection connection, string sql, DbTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    /// <summary>Makes a command with its parameters.</summary>
    public static DbCommand Command(DbConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
