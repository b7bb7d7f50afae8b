using System.Text;
using DeployOps.Adapters.Tests.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Adapters.Tests.Sqlite;
using DeployOps.Gates;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.Tests.Validations;

/// <summary>A table that a query is expected to return, on each kind of database.</summary>
public sealed class ExpectedTableTests(PostgreSqlCluster postgreSql, MariaDbCluster mariaDb)
{
    private const string Orders = "CREATE TABLE orders (id int, price decimal(10, 2), note varchar(500)); INSERT INTO orders VALUES (1, 1.50, 'a, note=NULL'), (2, NULL, NULL), (3, 7, '')";
    private static readonly string Long = new('x', 300);

    [Fact]
    public async Task PostgreSql_is_compared_by_all_rows()
    {
        await using var shop = await postgreSql.CreateAsync($"{Orders}; UPDATE orders SET note = repeat('x', 300) WHERE id = 3");
        await CompareAsync(shop.Open().Validations, SqlDialect.PostgreSql, "1.50", "7.00");
    }

    [Fact]
    public async Task MariaDb_is_compared_by_all_rows()
    {
        await using var shop = await mariaDb.CreateAsync($"{Orders}; UPDATE orders SET note = repeat('x', 300) WHERE id = 3");
        await CompareAsync(shop.Open().Validations, SqlDialect.MariaDb, "1.50", "7.00");
    }

    [Fact]
    public async Task Sqlite_is_compared_by_all_rows()
    {
        await using var folder = SqliteFolder.With($"{Orders}; UPDATE orders SET note = '{Long}' WHERE id = 3");
        await CompareAsync(folder.Open().Validations, SqlDialect.Sqlite, "1.5", "7");
    }

    private static async Task CompareAsync(IValidationTarget target, SqlDialect dialect, string first, string last)
    {
        var same = await AskAsync(target, dialect, $"id,price,note\n1,{first},\"a, note=NULL\"\n2,,\n3,{last},{Long}\n");
        var other = await AskAsync(target, dialect, $"id,price,note\n1,{first},\"a, note=NULL\"\n2,,\"\"\n3,{last},{Long}y\n4,1,\n");

        same.ToString().ShouldBe("Pass: all orders: expected table orders.csv, got the 3 rows of orders.csv");
        other.Verdict.ShouldBe(GateVerdict.Fail);
        other.Actual.ShouldBe("3 rows, 3 other than in orders.csv");
        other.SampleRows.ShouldBe(["row 2: note=NULL, expected \"\"", $"row 3: note={new string('x', 200)}…, expected {new string('x', 200)}…", "row 4 is missing: id=4, price=1, note=NULL"]);
    }

    private static async Task<ValidationCheck> AskAsync(IValidationTarget target, SqlDialect dialect, string table)
    {
        var file = new SqlFile("orders.sql", "-- verify: all orders\n-- expect: table orders.csv\nSELECT id, price, note FROM orders ORDER BY id;"u8.ToArray());
        var queries = ValidationFile.Parse(file, dialect, _ => Encoding.UTF8.GetBytes(table));
        return (await new ValidationRunner(target, new SilentReporter(), TimeProvider.System).RunAsync(queries, default)).ShouldHaveSingleItem();
    }
}
