using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Lint;

/// <summary>What still uses what a statement takes away, as a database would tell it.</summary>
public sealed class UseRulesTests
{
    private static readonly ObjectUse View = new("view", "public.daily", ["public", "daily"], UseManner.Refuses);
    private static readonly ObjectUse Key = new("foreign key", "lines_order on public.lines", ["public", "lines", "lines_order"], UseManner.Refuses);
    private static readonly ObjectUse Trigger = new("trigger", "audit on public.orders", ["public", "orders", "audit"], UseManner.Refuses);
    private static readonly ObjectUse Function = new("function", "public.total(integer)", ["public", "total"], UseManner.Breaks);
    private static readonly ObjectUse Index = new("index", "public.orders_two", ["public", "orders_two"], UseManner.Goes);

    [Fact]
    public async Task A_drop_that_would_fail_is_an_error_that_names_what_uses_it()
    {
        var found = await FindAsync("DROP TABLE orders", View, Key, Function);

        found.Select(finding => finding.ToString()).ShouldBe(
        [
            "V1__a.sql:1: INC001 still-used: It fails as long as these use it: view public.daily, foreign key lines_order on public.lines. Change or drop them before it, by name, in the same script.",
            "V1__a.sql:1: INC001 broken-by-it: These name it, and fail from then on when they are used: function public.total(integer). Change them in the same script, before it.",
        ]);
        found.Select(finding => (finding.Severity, finding.Table)).ShouldBe([(LintSeverity.Error, "orders"), (LintSeverity.Warning, "orders")]);
    }

    [Fact]
    public async Task What_a_cascade_takes_with_it_is_named_and_the_script_may_allow_it()
    {
        (await FindAsync("DROP TABLE orders CASCADE", View, Key)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            finding => finding.Name.ShouldBe("cascade-takes-with-it"), finding => finding.Severity.ShouldBe(LintSeverity.Warning), finding => finding.Why.ShouldBe("CASCADE drops these too: view public.daily, foreign key lines_order on public.lines."));
        (await FindAsync("-- deployops: allow INC001 reason=\"nobody asks it\"\nDROP VIEW orders CASCADE", View)).ShouldHaveSingleItem().Allowed.ShouldBeTrue();
    }

    [Theory]
    [InlineData("DROP VIEW daily;")]
    [InlineData("DROP VIEW IF EXISTS other, public.daily;")]
    [InlineData("DROP VIEW \"daily\";")]
    [InlineData("CREATE OR REPLACE VIEW daily AS SELECT 1;")]
    [InlineData("CREATE OR REPLACE VIEW public.daily AS SELECT 1;")]
    [InlineData("DROP MATERIALIZED VIEW daily;")]
    [InlineData("DO $$ BEGIN DROP VIEW daily; END $$;")]
    public async Task What_the_run_took_away_or_made_anew_before_is_not_told(string before)
    {
        (await FindAsync($"{before} DROP TABLE orders", View)).ShouldBeEmpty();
        (await FindAsync($"DROP TABLE orders; {before}", View)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("ALTER TABLE lines DROP CONSTRAINT lines_order;")]
    [InlineData("ALTER TABLE public.lines DROP CONSTRAINT IF EXISTS lines_order;")]
    [InlineData("DROP TABLE lines;")]
    public async Task A_key_goes_by_itself_or_with_its_table(string before) => (await FindAsync($"{before} DROP TABLE orders", Key)).ShouldBeEmpty();

    [Theory]
    [InlineData("DROP TRIGGER audit ON orders;", 0)]
    [InlineData("DROP TRIGGER audit ON lines;", 1)]
    [InlineData("DROP POLICY audit ON orders;", 0)]
    [InlineData("ALTER POLICY audit ON orders USING (true);", 0)]
    [InlineData("ALTER TABLE orders ALTER COLUMN audit DROP EXPRESSION;", 0)]
    [InlineData("ALTER TABLE orders ALTER other DROP EXPRESSION;", 1)]
    [InlineData("ALTER TABLE shop.orders DROP CONSTRAINT audit;", 1)]
    public async Task A_trigger_goes_by_the_name_of_its_table(string before, int left) => (await FindAsync($"{before} ALTER TABLE orders DROP COLUMN note", Trigger)).Count.ShouldBe(left);

    [Fact]
    public async Task What_goes_with_the_others_of_one_drop_is_not_told() => (await FindAsync("DROP TABLE orders, lines", Key)).ShouldBeEmpty();

    [Theory]
    [InlineData("DO $$ BEGIN IF true THEN DROP VIEW daily; END IF; END $$;")]
    [InlineData("DO $$ BEGIN DROP VIEW daily; EXCEPTION WHEN OTHERS THEN NULL; END $$;")]
    [InlineData("CALL prepare();")]
    [InlineData("DROP VIEW other CASCADE;")]
    [InlineData("ALTER VIEW daily RENAME TO old;")]
    [InlineData("ALTER VIEW daily SET SCHEMA old;")]
    [InlineData("DROP OWNED BY kim;")]
    public async Task What_may_be_gone_by_then_is_a_warning(string before) =>
        (await FindAsync($"{before} DROP TABLE orders", View)).Where(finding => finding.Line == 1 && finding.Name == "still-used").ShouldHaveSingleItem().Severity.ShouldBe(LintSeverity.Warning);

    [Theory]
    [InlineData("ALTER TABLE orders DROP COLUMN note", LostKind.Column, "note", LossManner.Dropped)]
    [InlineData("ALTER TABLE ONLY orders DROP IF EXISTS \"Note\"", LostKind.Column, "Note", LossManner.Dropped)]
    [InlineData("ALTER TABLE orders ADD a int, DROP Note RESTRICT", LostKind.Column, "note", LossManner.Dropped)]
    [InlineData("ALTER TABLE orders ALTER note TYPE text", LostKind.Column, "note", LossManner.Altered)]
    [InlineData("ALTER TABLE orders ALTER COLUMN note SET DATA TYPE text", LostKind.Column, "note", LossManner.Altered)]
    [InlineData("ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_pkey", LostKind.Constraint, "orders_pkey", LossManner.Dropped)]
    [InlineData("DROP INDEX CONCURRENTLY IF EXISTS orders", LostKind.Relation, null, LossManner.Dropped)]
    [InlineData("DROP MATERIALIZED VIEW orders", LostKind.Relation, null, LossManner.Dropped)]
    [InlineData("DROP FOREIGN TABLE orders", LostKind.Relation, null, LossManner.Dropped)]
    [InlineData("DROP SEQUENCE orders", LostKind.Relation, null, LossManner.Dropped)]
    [InlineData("DROP TYPE orders", LostKind.Type, null, LossManner.Dropped)]
    [InlineData("DROP FUNCTION orders(a int, text)", LostKind.Routine, null, LossManner.Dropped)]
    [InlineData("DROP SCHEMA orders", LostKind.Schema, null, LossManner.Dropped)]
    [InlineData("DROP EXTENSION orders", LostKind.Extension, null, LossManner.Dropped)]
    public async Task Of_each_way_to_take_something_away_it_is_asked(string sql, LostKind kind, string? part, LossManner manner)
    {
        var catalog = new Catalog();

        await LintBench.CheckAsync(sql, catalog);

        catalog.Asked.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            lost => lost.Kind.ShouldBe(kind), lost => lost.Name.Name.ShouldBe("orders"), lost => lost.Part.ShouldBe(part), lost => lost.Manner.ShouldBe(manner));
    }

    [Theory]
    [InlineData("RENAME TABLE orders TO old", LostKind.Relation, null)]
    [InlineData("ALTER TABLE orders RENAME TO old", LostKind.Relation, null)]
    [InlineData("ALTER TABLE orders RENAME COLUMN note TO remark", LostKind.Column, "note")]
    [InlineData("ALTER TABLE orders CHANGE COLUMN note remark text", LostKind.Column, "note")]
    public async Task Nothing_follows_a_new_name_on_MariaDB(string sql, LostKind kind, string? part)
    {
        var (mariaDb, postgreSql) = (new Catalog(), new Catalog());

        await LintBench.CheckAsync(sql, mariaDb, SqlDialect.MariaDb);
        await LintBench.CheckAsync(sql, postgreSql);

        mariaDb.Asked.ShouldHaveSingleItem().ShouldSatisfyAllConditions(lost => lost.Kind.ShouldBe(kind), lost => lost.Part.ShouldBe(part), lost => lost.Manner.ShouldBe(LossManner.Renamed));
        postgreSql.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ALTER TABLE orders MODIFY note text", SqlDialect.MariaDb)]
    [InlineData("ALTER TABLE orders CHANGE note note text", SqlDialect.MariaDb)]
    [InlineData("ALTER TABLE orders DROP INDEX i, DROP PRIMARY KEY", SqlDialect.MariaDb)]
    [InlineData("DROP INDEX i ON orders", SqlDialect.MariaDb)]
    [InlineData("CREATE TABLE orders (note text); ALTER TABLE orders DROP COLUMN note; DROP TABLE orders", SqlDialect.PostgreSql)]
    [InlineData("ALTER TABLE orders ADD COLUMN note text; ALTER TABLE orders ALTER note TYPE varchar(9)", SqlDialect.PostgreSql)]
    [InlineData("ALTER TABLE orders ALTER note DROP DEFAULT, ALTER note SET NOT NULL, DROP CONSTRAINT IF EXISTS c", SqlDialect.Sqlite)]
    public async Task What_takes_nothing_away_that_is_in_use_is_not_asked(string sql, SqlDialect dialect)
    {
        var catalog = new Catalog();

        await LintBench.CheckAsync(sql, catalog, dialect);

        catalog.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_goes_without_a_word_and_more_than_five_are_told()
    {
        (await FindAsync("ALTER TABLE orders DROP COLUMN note", Index)).ShouldHaveSingleItem().Why.ShouldBe("These are dropped with it, without a word: index public.orders_two.");
        (await FindAsync("DROP SCHEMA shop", [.. Enumerable.Range(1, 7).Select(n => View with { Name = $"shop.v{n}", Path = ["shop", $"v{n}"] })])).ShouldHaveSingleItem().Why.ShouldEndWith("view shop.v5 and 2 more.");
    }

    [Fact]
    public void Without_a_database_nothing_is_told() => LintBench.Names("DROP TABLE orders").ShouldBe(["DST001 drop-table"]);

    [Theory]
    [InlineData("ALTER TABLE lines ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders NOT VALID", "Warning")]
    [InlineData("ALTER TABLE large ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders NOT VALID", "Error")]
    [InlineData("CREATE INDEX CONCURRENTLY i ON lines (order_id);ALTER TABLE lines ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders NOT VALID", null)]
    [InlineData("ALTER TABLE lines ADD CONSTRAINT fk FOREIGN KEY (\"Product\") REFERENCES products NOT VALID", null)]
    [InlineData("ALTER TABLE unknown ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders NOT VALID", null)]
    public async Task A_foreign_key_of_a_column_that_is_there_has_an_index_or_is_told(string sql, string? severity)
    {
        var found = (await LintBench.CheckAsync(sql, new Catalog())).Where(finding => finding.Name == "foreign-key-without-index");

        found.Select(finding => finding.Severity.ToString()).ShouldBe(severity is null ? [] : [severity]);
    }

    private static async Task<IReadOnlyList<LintFinding>> FindAsync(string sql, params ObjectUse[] uses) =>
        [.. (await LintBench.CheckAsync(sql, new Catalog(uses))).Where(finding => finding.Rule == "INC001")];

    private sealed class Catalog(params ObjectUse[] uses) : ITableCatalog
    {
        internal List<LostObject> Asked { get; } = [];

        public Task<IReadOnlyDictionary<string, TableFacts>> FindAsync(IReadOnlyCollection<SqlName> names, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<string, TableFacts>>(names.ToDictionary(name => name.Written, name => new TableFacts(name.Name == "large" ? 5_000_000 : 100, 8192, 0, 0)));

        // Each use is of what is called orders or shop, but of no constraint.
        public Task<IReadOnlyDictionary<LostObject, IReadOnlyList<ObjectUse>>> FindUsesAsync(IReadOnlyCollection<LostObject> objects, CancellationToken cancellationToken)
        {
            Asked.AddRange(objects);
            return Task.FromResult<IReadOnlyDictionary<LostObject, IReadOnlyList<ObjectUse>>>(
                objects.Where(one => one.Name.Name is "orders" or "shop" && one.Kind != LostKind.Constraint).ToDictionary(one => one, IReadOnlyList<ObjectUse> (_) => uses));
        }

        public Task<IReadOnlyDictionary<string, IReadOnlySet<string>>> FindIndexedAsync(IReadOnlyCollection<SqlName> tables, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<string, IReadOnlySet<string>>>(
                tables.Where(table => table.Name is "lines" or "large").ToDictionary(table => table.Written, IReadOnlySet<string> (_) => new HashSet<string> { "id", "Product" }));
    }
}
