namespace DeployOps.Migrations.Sql;

/// <summary>Whose lexical rules a text of SQL follows, and whose manners of locking and of transactions.</summary>
public enum SqlDialect
{
    /// <summary>SQLite: sqlite.org/lang.html. A script is one transaction, DDL too.</summary>
    Sqlite,

    /// <summary>PostgreSQL as psql reads it, chapter 4.1 of its manual, with standard_conforming_strings on. DDL is transactional but for a list.</summary>
    PostgreSql,

    /// <summary>MariaDB and MySQL as their client reads them, with backslash escapes on. DDL commits by itself.</summary>
    MariaDb,
}
