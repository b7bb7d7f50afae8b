using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>What a database has that is not within it: encoding and collation, owner, rights and settings. A dump does not hold them.</summary>
internal static class PostgreSqlDatabaseTraits
{
    // Their values are lists that the server keeps quoted as SQL wants them; others are one text.
    private static readonly string[] ListSettings = ["search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries"];

    // The locale lies in another column from version 17 on, ICU's rules in one of their own from 16 on.
    private const string Provider =
        """
        CASE datlocprovider
            WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')) || coalesce(' ICU_RULES ' || quote_literal(nullif(to_jsonb(d) ->> 'daticurules', '')), '')
            WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', to_jsonb(d) ->> 'datlocale')
            ELSE ' LOCALE_PROVIDER libc' END
        """;

    /// <summary>Whether there is one of that name.</summary>
    internal static async Task<bool> ExistsAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) =>
        await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", [database], cancellationToken);

    /// <summary>The statement that makes an empty database like another; like the server's own where there is none of that name.</summary>
    /// <param name="connection">To the server of the other.</param>
    /// <param name="like">The other.</param>
    /// <param name="name">The new one.</param>
    /// <param name="takesPlace">Whether the new one takes the other's place: then it is in the same tablespace, for which the account needs the right to create there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<string> CreationAsync(NpgsqlConnection connection, string like, string name, bool takesPlace, CancellationToken cancellationToken)
    {
        // Without a word the new one is as template0 is.
        var hasProvider = connection.PostgreSqlVersion.Major >= 15;
        var found = await connection.QueryAsync(
            $"""
            SELECT format('ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_encoding_to_char(encoding), datcollate, datctype)
                   || {(hasProvider ? Provider : "''")}
                   || {(takesPlace ? "CASE WHEN d.dattablespace <> (SELECT dattablespace FROM pg_database WHERE datname = 'template0') THEN format(' TABLESPACE %I', t.spcname) ELSE '' END" : "''")}
            FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE datname = $1
            """,
            [like],
            row => row.GetString(0),
            cancellationToken);

        return $"CREATE DATABASE {PostgreSqlNames.Quote(name)} TEMPLATE template0 {found.FirstOrDefault()}";
    }

    /// <summary>The statements that give one database those of another's settings that every session takes and everybody may make.</summary>
    internal static async Task<IReadOnlyList<string>> SettingsAsync(NpgsqlConnection connection, string from, string to, CancellationToken cancellationToken) => await connection.QueryAsync(
        """
        SELECT split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)
        FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c JOIN pg_settings g ON g.name = split_part(c, '=', 1)
        WHERE d.datname = $1 AND s.setrole = 0 AND g.context = 'user'
        """,
        [from],
        row => Setting(PostgreSqlNames.Quote(to), "", row.GetString(0), row.GetString(1)),
        cancellationToken);

    /// <summary>The statements that give one database another's owner, rights, limit and settings.</summary>
    internal static async Task<IReadOnlyList<string>> TransferAsync(NpgsqlConnection connection, string from, string to, CancellationToken cancellationToken)
    {
        var target = PostgreSqlNames.Quote(to);
        var limits = await connection.QueryAsync(
            "SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', $2::text, datconnlimit) FROM pg_database WHERE datname = $1", [from, to], row => row.GetString(0), cancellationToken);
        var rights = await connection.QueryAsync(
            """
            SELECT format('GRANT %s ON DATABASE %I TO %s%s', r.privilege_type, $2::text, CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.grantee)) END, CASE WHEN r.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM pg_database d, aclexplode(d.datacl) r WHERE d.datname = $1
            """,
            [from, to],
            row => row.GetString(0),
            cancellationToken);
        var settings = await connection.QueryAsync(
            """
            SELECT coalesce(quote_ident(r.rolname), ''), split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)
            FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) c WHERE d.datname = $1
            """,
            [from],
            row => Setting(target, row.GetString(0), row.GetString(1), row.GetString(2)),
            cancellationToken);
        var owner = await connection.ScalarAsync<string>("SELECT format('ALTER DATABASE %I OWNER TO %I', $2::text, pg_get_userbyid(datdba)) FROM pg_database WHERE datname = $1", [from, to], cancellationToken);
        var areUnchanged = await connection.ScalarAsync<bool>("SELECT datacl IS NULL FROM pg_database WHERE datname = $1", [from], cancellationToken);
        string[] revoked = areUnchanged ? [] : [$"REVOKE ALL ON DATABASE {target} FROM PUBLIC"];

        return [.. limits, .. revoked, .. rights, .. settings, owner!];
    }

    private static string Setting(string database, string role, string name, string value)
    {
        var whose = role.Length == 0 ? $"DATABASE {database}" : $"ROLE {role} IN DATABASE {database}";
        return $"ALTER {whose} SET {name} TO {(Array.Exists(ListSettings, list => list == name) ? value : PostgreSqlNames.Literal(value))}";
    }
}
