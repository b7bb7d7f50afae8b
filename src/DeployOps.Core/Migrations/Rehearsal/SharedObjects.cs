using System.Globalization;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Rehearsal;

/// <summary>
/// Finds statements of PostgreSQL that change what all databases of a server share, or what is outside of it: on a copy beside the live database they would change production. What a
/// function, a procedure or a <c>DO</c> block of one's own does is not seen.
/// </summary>
internal static class SharedObjects
{
    private static readonly string[] Verbs = ["CREATE", "ALTER", "DROP"];

    private static readonly HashSet<string> Kinds = new(["ROLE", "USER", "GROUP", "DATABASE", "TABLESPACE", "SUBSCRIPTION", "SYSTEM", "SERVER", "PARAMETER"], StringComparer.OrdinalIgnoreCase);

    // Functions of PostgreSQL and its own extensions that act on the server, its files or another one.
    private static readonly HashSet<string> Functions = new(
        [
            "dblink", "dblink_exec", "dblink_open", "dblink_send_query", "lo_export", "lo_import", "pg_cancel_backend", "pg_copy_logical_replication_slot", "pg_copy_physical_replication_slot",
            "pg_create_logical_replication_slot", "pg_create_physical_replication_slot", "pg_create_restore_point", "pg_drop_replication_slot", "pg_file_rename", "pg_file_unlink", "pg_file_write",
            "pg_logical_slot_get_changes", "pg_promote", "pg_reload_conf", "pg_replication_slot_advance", "pg_rotate_logfile", "pg_switch_wal", "pg_terminate_backend", "pg_wal_replay_pause",
            "pg_wal_replay_resume",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Which script and statement does so, in words; null where none does.</summary>
    internal static string? Find(IEnumerable<MigrationScript> scripts, SqlDialect dialect) => dialect != SqlDialect.PostgreSql ? null :
        (from script in scripts
         from statement in script.Statements(dialect)
         where IsShared(statement)
         select string.Create(CultureInfo.InvariantCulture, $"{script.FileName}:{statement.Line} ({statement.Opening})")).FirstOrDefault();

    private static bool IsShared(SqlStatement statement)
    {
        var words = statement.Opening.Split(' ');
        return (words.Length > 1 && Verbs.Contains(words[0], StringComparer.OrdinalIgnoreCase) && Kinds.Contains(words[1]) && !statement.Begins(words[0], "USER", "MAPPING"))
            || statement.Begins("DROP", "OWNED") || statement.Begins("REASSIGN", "OWNED") || statement.Begins("PREPARE", "TRANSACTION") || statement.Begins("COMMIT", "PREPARED") || statement.Begins("ROLLBACK", "PREPARED")
            || ((statement.Begins("GRANT") || statement.Begins("REVOKE")) && IsGrantedBeyond(statement))
            || ((statement.Begins("COMMENT") || statement.Begins("SECURITY")) && IsOn(statement))
            || (statement.Begins("COPY") && IsOfServerFile(statement))
            || statement.Tokens.Any(token => token.Kind == SqlTokenKind.Word && Functions.Contains(token.Text));
    }

    // GRANT role TO role has no ON; what is granted on tables is the database's own.
    private static bool IsGrantedBeyond(SqlStatement statement) => IsOn(statement) || !statement.Tokens.Any(token => token.Is("ON"));

    private static bool IsOn(SqlStatement statement) =>
        statement.Tokens.Zip(statement.Tokens.Skip(1)).Any(pair => pair.First.Is("ON") && (Kinds.Contains(pair.Second.Text) || pair.Second.Is("FOREIGN")));

    // What the server reads or writes itself; the rows of STDIN are those of the script.
    private static bool IsOfServerFile(SqlStatement statement) =>
        statement.Tokens.Zip(statement.Tokens.Skip(1)).Any(pair => (pair.First.Is("FROM") || pair.First.Is("TO")) && (pair.Second.Is("PROGRAM") || pair.Second.Kind == SqlTokenKind.Text));
}
