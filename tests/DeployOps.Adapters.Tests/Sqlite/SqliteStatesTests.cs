using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.States;

namespace DeployOps.Adapters.Tests.Sqlite;

public sealed class SqliteStatesTests
{
    private const string Orders = """
        CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT NOT NULL DEFAULT 'x'); CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id));
        CREATE INDEX lines_order ON lines (order_id); INSERT INTO orders VALUES (1, 'a'), (7, 'b'); PRAGMA foreign_keys = OFF; INSERT INTO lines VALUES (1, 1), (2, 99)
        """;

    [Fact]
    public async Task What_a_migration_changes_is_told_line_by_line()
    {
        await using var folder = SqliteFolder.With(Orders);
        var states = folder.Open().States;
        var before = await states.ReadAsync(StateMoment.Before, default);
        await folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("1__a", "ALTER TABLE orders ADD COLUMN status TEXT; CREATE INDEX i ON orders (status); DROP INDEX lines_order; CREATE TABLE empty (a INT)"), "kim", default);

        var after = await states.ReadAsync(StateMoment.After, default);

        SchemaDifference.Of(before, after).ShouldBe(
            ["+ column empty.a INT", "+ column orders.status TEXT", "+ index i ON orders (status)", "- index lines_order ON lines (order_id)", "+ table empty"]);
        before.Objects.ShouldContain("constraint lines foreign key (order_id) references orders (id)");
        before.Tables.Select(table => (table.Name, table.Rows)).ShouldBe([("lines", 2), ("orders", 2)]);
        before.Damage.ShouldBeNull();
        after.Damage.ShouldNotBeNull().ShouldBeEmpty();
        after.Orphans.ShouldNotBeNull().Single(table => table.Table == "lines").Rows.ShouldBe(1);
    }

    [Fact]
    public async Task A_damaged_file_is_seen()
    {
        await using var folder = SqliteFolder.With(Orders + "; INSERT INTO orders SELECT value, hex(randomblob(100)) FROM generate_series(10, 500)".Replace("generate_series(10, 500)", "(WITH RECURSIVE n(value) AS (SELECT 10 UNION ALL SELECT value + 1 FROM n WHERE value < 500) SELECT value FROM n)", StringComparison.Ordinal) + "; CREATE INDEX notes ON orders (note)");
        folder.Execute("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'lines_order') WHERE name = 'notes'");

        var state = await folder.Open().States.ReadAsync(StateMoment.After, default);

        state.Damage.ShouldNotBeNull().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_file_tells_how_large_tables_are()
    {
        await using var folder = SqliteFolder.With(Orders);

        var facts = await folder.Open().Catalog.FindAsync([Name("Orders"), Name("lines_order"), Name("gone")], default);

        facts.Keys.Order().ShouldBe(["Orders", "lines_order"], ignoreOrder: true);
        facts["Orders"].ShouldSatisfyAllConditions(orders => orders.Rows.ShouldBe(7), orders => orders.ReferencedBy.ShouldBe(1), orders => orders.IsSmall.ShouldBeFalse());
        facts["lines_order"].ShouldSatisfyAllConditions(lines => lines.Rows.ShouldBe(2), lines => lines.IsSmall.ShouldBeTrue());
        folder.Execute("ANALYZE");
        (await folder.Open().Catalog.FindAsync([Name("lines")], default))["lines"].Rows.ShouldBe(2);
        (await new MigrationLinter(SqlDialect.Sqlite).CheckAsync([SqliteFolder.Script("1__a", "UPDATE lines SET order_id = 1")], folder.Open().Catalog, default)).Single().Severity.ShouldBe(LintSeverity.Warning);
    }

    private static SqlName Name(string written) => new(null, written) { Written = written };
}
