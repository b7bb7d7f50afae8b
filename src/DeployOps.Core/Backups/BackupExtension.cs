using DeployOps.Migrations;

namespace DeployOps.Backups;

/// <summary>How the file of a database's backup ends, for people: what is restored is told by its proof.</summary>
internal static class BackupExtension
{
    /// <summary>Without the dot: <c>dump</c> for PostgreSQL's archives, <c>sql</c> for MariaDB's scripts, <c>db</c> for what is a database file itself.</summary>
    internal static string Of(DatabaseSpec database) => database.Kind.ToUpperInvariant() switch
    {
        "POSTGRESQL" => "dump",
        "MARIADB" => "sql",
        _ => "db",
    };
}
