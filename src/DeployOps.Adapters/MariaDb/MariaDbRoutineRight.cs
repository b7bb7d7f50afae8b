using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// A right on one routine alone, such as EXECUTE of a procedure: the server takes it away where the routine is dropped, and making the routine again does not bring it back. Rights on
/// tables, views and whole databases stay with the name.
/// </summary>
/// <param name="Kind">What the routine is, as <c>DROP</c> calls it.</param>
/// <param name="Routine">The routine's name.</param>
/// <param name="Grant">The statement that gives it.</param>
internal sealed record MariaDbRoutineRight(string Kind, string Routine, string Grant)
{
    /// <summary>Whose it was is no account or role of the server any more.</summary>
    private const int NoSuchAccount = 1133;

    // In a mode without this a right given to an account that is not there makes one without a password.
    private const string Careful = "NO_AUTO_CREATE_USER";

    private const string Rights = """
        SELECT CAST(Routine_type AS CHAR), Routine_name, User, Host, CAST(Proc_priv AS CHAR) FROM mysql.procs_priv
        WHERE Db = IF(@@lower_case_table_names = 0, @p0, LOWER(@p0)) AND Proc_priv <> '' ORDER BY Routine_type, Routine_name, User, Host
        """;

    /// <summary>The mode that it is given in: packages are known in one alone.</summary>
    internal string SqlMode => Kind.StartsWith("PACKAGE", StringComparison.Ordinal) ? $"ORACLE,{Careful}" : Careful;

    /// <summary>All of a database.</summary>
    /// <exception cref="MySqlException">The account may not read them.</exception>
    internal static async Task<IReadOnlyList<MariaDbRoutineRight>> AllAsync(MySqlConnection connection, string database, CancellationToken cancellationToken) =>
        await connection.QueryAsync(Rights, [database], row => Read(database, row), cancellationToken);

    /// <summary>Whether it is a right on something.</summary>
    internal bool IsOn(string kind, string name) => Kind == kind && Routine.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gives it. Where it is there already, nothing changes; where its account is not there any more, nobody gets it.</summary>
    /// <exception cref="MySqlException">The account may not give it.</exception>
    internal async Task GiveAsync(MySqlConnection connection)
    {
        try
        {
            await connection.ExecuteAsync(CancellationToken.None, $"SET SESSION sql_mode = '{SqlMode}'", Grant);
        }
        catch (MySqlException e) when (e.Number == NoSuchAccount)
        {
            // It was dropped meanwhile, and its rights with it.
        }
    }

    private static MariaDbRoutineRight Read(string database, MySqlDataReader row)
    {
        var (kind, routine, user, host) = (row.Text(0), row.Text(1), row.Text(2), row.Text(3));
        var rights = row.Text(4).Split(',').Select(right => right == "Grant" ? "GRANT OPTION" : right.ToUpperInvariant());
        // A role has no host.
        var account = host.Length == 0 ? MariaDbNames.Quote(user) : $"{MariaDbNames.Quote(user)}@{MariaDbNames.Quote(host)}";
        return new MariaDbRoutineRight(kind, routine, $"GRANT {string.Join(", ", rights)} ON {kind} {MariaDbNames.Quote(database, routine)} TO {account}");
    }
}
