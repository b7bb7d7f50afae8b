using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Sql;

public sealed class SqlRowsTests
{
    [Theory]
    [InlineData("INSERT INTO orders VALUES (1)", "INSERT INTO orders VALUES")]
    [InlineData("insert into shop.\"Orders\" (id, \"name\")\nvalues\n(1, 'one; two'), (-2.5, null)", "insert into shop.\"Orders\" (id, \"name\")\nvalues")]
    [InlineData("INSERT INTO orders /* all */ VALUES -- two\n(1, DEFAULT, true, E'\\'')", "INSERT INTO orders /* all */ VALUES")]
    public void An_insert_of_literals_is_known_from_its_beginning(string sql, string head) => Head(sql).ShouldBe(head);

    [Theory]
    [InlineData("INSERT INTO orders VALUES (now())")]
    [InlineData("INSERT INTO orders VALUES (1) ON CONFLICT DO NOTHING")]
    [InlineData("INSERT INTO orders VALUES (1) RETURNING id")]
    [InlineData("INSERT INTO orders VALUES (1, '2'::int)")]
    [InlineData("INSERT INTO orders VALUES ((SELECT 1))")]
    [InlineData("INSERT INTO orders VALUES (\"column\")")]
    [InlineData("INSERT INTO orders (id) OVERRIDING SYSTEM VALUE VALUES (1)")]
    [InlineData("INSERT INTO orders (id[1]) VALUES (1)")]
    [InlineData("INSERT INTO orders AS o VALUES (1)")]
    [InlineData("INSERT INTO orders SELECT * FROM (VALUES (1)) v")]
    [InlineData("INSERT INTO orders DEFAULT VALUES")]
    [InlineData("WITH gone AS (DELETE FROM orders) INSERT INTO other VALUES (1)")]
    [InlineData("UPDATE orders SET id = 1")]
    [InlineData("VALUES (1)")]
    public void Whatever_computes_or_does_more_is_not(string sql) => Head(sql).ShouldBeNull();

    [Theory]
    [InlineData("INSERT INTO orders VALUES (1 /*! , sleep(1) */)")]
    [InlineData("INSERT INTO orders VALUES (1) /*!50000 ON DUPLICATE KEY UPDATE id = 2 */")]
    [InlineData("INSERT IGNORE INTO orders VALUES (1)")]
    [InlineData("REPLACE INTO orders VALUES (1)")]
    public void Nor_what_mariadb_runs_of_a_comment(string sql) => Head(sql, SqlDialect.MariaDb).ShouldBeNull();

    [Fact]
    public void One_statement_says_nothing_of_the_next()
    {
        var statements = SqlStatements.Read(";; INSERT INTO a VALUES (1); UPDATE a SET id = 1;\nINSERT INTO a VALUES (2)", SqlDialect.PostgreSql).ToList();

        statements.Select(statement => statement.RowsHead).ShouldBe([20, null, 20]);
    }

    private static string? Head(string sql, SqlDialect dialect = SqlDialect.PostgreSql)
    {
        var statement = SqlStatements.Read(sql, dialect).ShouldHaveSingleItem();
        return statement.RowsHead is { } length ? statement.Text[..length] : null;
    }
}
