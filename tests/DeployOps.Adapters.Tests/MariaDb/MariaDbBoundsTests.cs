using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>Whether a script or a database reaches beyond itself, so that it could not be tried on a copy beside production.</summary>
public sealed class MariaDbBoundsTests(MariaDbCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY, note varchar(9)); CREATE TABLE `order lines` (id int); CREATE VIEW notes AS SELECT o.note FROM orders o; CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = 'x';";

    [Theory]
    [InlineData("ALTER TABLE orders ADD COLUMN a int, ADD INDEX (a); CREATE TABLE new (id bigint) ENGINE = InnoDB; DROP TABLE new; RENAME TABLE orders TO old")]
    [InlineData("UPDATE orders o SET o.note = 'other.x' WHERE o.id = 1.5; INSERT INTO `order lines` SELECT orders.id FROM orders; DELETE FROM orders; TRUNCATE orders; WITH a AS (SELECT 1) SELECT * FROM a")]
    [InlineData("BEGIN; SET @a = 1, SESSION foreign_key_checks = 0; SET lock_wait_timeout = 5; START TRANSACTION; COMMIT; DO SLEEP(0); ANALYZE TABLE orders")]
    [InlineData("CREATE OR REPLACE DEFINER = CURRENT_USER SQL SECURITY INVOKER VIEW v AS SELECT 1; CREATE UNIQUE INDEX u ON orders (id); CREATE SEQUENCE s")]
    [InlineData("-- other.orders\nSELECT /* other.orders */ 1")]
    public async Task What_names_its_own_tables_alone_stays_within(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders);

        (await FindAsync(shop, sql)).ShouldBeNull();
    }

    [Theory]
    [InlineData("INSERT INTO {other}.orders VALUES (1)", "names the database {other}")]
    [InlineData("INSERT INTO `{other}` . `orders` VALUES (1)", "names the database {other}")]
    [InlineData("INSERT INTO {OTHER}/* */.1st VALUES (1)", "names the database {other}")]
    [InlineData("INSERT INTO \"{other}\".\"orders\" VALUES (1)", "names the database {other}")]
    [InlineData("/*!50003 INSERT INTO {other}.orders VALUES (1) */", "has a comment that only some versions run")]
    [InlineData("DELETE /*!999999 ' */ FROM {other}.orders -- '", "has a comment that only some versions run")]
    [InlineData("DELIMITER //\nBEGIN NOT ATOMIC DROP DATABASE {other}; END //", "(BEGIN NOT ATOMIC DROP) is not known to stay within the database", 2)]
    [InlineData("START ALL SLAVES", "(START ALL SLAVES) is not known to stay within the database")]
    [InlineData("CREATE FUNCTION f() RETURNS int SET GLOBAL read_only = 1", "has GLOBAL, whose effect cannot be told before")]
    [InlineData("CREATE PROCEDURE p() DROP DATABASE {other}", "(CREATE PROCEDURE p) is not known to stay within the database")]
    [InlineData("DROP FUNCTION metaphon", "(DROP FUNCTION metaphon) is not known to stay within the database")]
    [InlineData("SET GLOBAL lock_wait_timeout = 5", "(SET GLOBAL lock_wait_timeout) is not known to stay within the database")]
    [InlineData("SET @@global.time_zone = 'UTC'", "(SET) is not known to stay within the database")]
    [InlineData("SET sql_log_bin = 0", "(SET sql_log_bin) is not known to stay within the database")]
    [InlineData("SET sql_mode = 'NO_BACKSLASH_ESCAPES'", "(SET sql_mode) is not known to stay within the database")]
    [InlineData("SET NAMES gbk", "(SET NAMES gbk) is not known to stay within the database")]
    [InlineData("SET @a = 1, default_storage_engine = FEDERATED", "(SET) is not known to stay within the database")]
    [InlineData("CREATE TABLE a LIKE {other}.orders", "names the database {other}")]
    [InlineData("ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES {other}.orders (id)", "names the database {other}")]
    [InlineData("RENAME TABLE orders TO {other}.orders", "names the database {other}")]
    [InlineData("CREATE TRIGGER u AFTER INSERT ON orders FOR EACH ROW INSERT INTO {other}.orders VALUES (NEW.id)", "names the database {other}")]
    [InlineData("SELECT NEXTVAL(mysql.x)", "names the database mysql")]
    [InlineData("USE {other}", "(USE {other}) is not known to stay within the database")]
    [InlineData("GRANT SELECT ON orders TO app", "(GRANT SELECT ON orders) is not known to stay within the database")]
    [InlineData("CREATE DATABASE a", "(CREATE DATABASE a) is not known to stay within the database")]
    [InlineData("CREATE USER a", "(CREATE USER a) is not known to stay within the database")]
    [InlineData("ALTER EVENT e ENABLE", "(ALTER EVENT e ENABLE) is not known to stay within the database")]
    [InlineData("SET GLOBAL max_connections = 5", "(SET GLOBAL max_connections) is not known to stay within the database")]
    [InlineData("SET @@global.max_connections = 5", "(SET) is not known to stay within the database")]
    [InlineData("SET STATEMENT max_statement_time = 1 FOR DROP TABLE {other}.orders", "(SET STATEMENT max_statement_time) is not known to stay within the database")]
    [InlineData("CALL fill()", "(CALL fill) is not known to stay within the database")]
    [InlineData("EXECUTE IMMEDIATE 'DROP TABLE x'", "(EXECUTE IMMEDIATE) is not known to stay within the database")]
    [InlineData("CREATE PROCEDURE p() EXECUTE IMMEDIATE 'DROP TABLE x'", "has EXECUTE, whose effect cannot be told before")]
    [InlineData("SELECT 1 INTO OUTFILE 'x'", "has OUTFILE, whose effect cannot be told before")]
    [InlineData("CREATE TABLE f (id int) ENGINE = FEDERATED CONNECTION = 'x'", "makes a table of the engine FEDERATED, which lies elsewhere")]
    [InlineData("KILL 5", "(KILL) is not known to stay within the database")]
    public async Task What_may_reach_another_database_or_the_server_is_told(string sql, string why, int line = 1)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await cluster.CreateAsync();
        string With(string text) => text.Replace("{other}", other.Name, StringComparison.Ordinal).Replace("{OTHER}", other.Name.ToUpperInvariant(), StringComparison.Ordinal);

        (await FindAsync(shop, With(sql))).ShouldBe($"V1__a.sql:{line} {With(why)}");
    }

    [Fact]
    public async Task A_validation_that_names_another_database_is_told()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await cluster.CreateAsync();
        var query = new ValidationQuery("orders stay", "orders.sql", 1, $"SELECT COUNT(*) FROM {other.Name}.orders", ValidationExpectation.TryParse("no rows")!);

        (await shop.Open().Migrations.FindBeyondAsync([], [query], default)).ShouldBe($"orders.sql (orders stay) names the database {other.Name}");
    }

    [Theory]
    [InlineData("CREATE VIEW v AS SELECT * FROM {other}.far", "what the view v uses, which names the database {other},")]
    [InlineData("CREATE TRIGGER u AFTER INSERT ON orders FOR EACH ROW INSERT INTO {other}.far VALUES (NEW.id)", "what the trigger u uses, which names the database {other},")]
    [InlineData("CREATE PROCEDURE p() INSERT INTO {other}.far VALUES (1)", "what the procedure p uses, which names the database {other},")]
    [InlineData("CREATE PROCEDURE p() EXECUTE IMMEDIATE 'SELECT 1'", "what the procedure p uses, which has EXECUTE, whose effect cannot be told before,")]
    [InlineData("ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES {other}.far (id)", "what a foreign key of orders points at")]
    [InlineData("ALTER TABLE orders ADD COLUMN n bigint DEFAULT NEXTVAL({other}.numbers)", "what the table orders uses, whose definition names the database {other},")]
    [InlineData("CREATE TABLE both_of (id int) ENGINE = MERGE UNION = ()", "the table both_of of the engine MRG_MyISAM")]
    public async Task What_of_a_database_leads_to_others_is_told(string sql, string words)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await cluster.CreateAsync("CREATE TABLE far (id int PRIMARY KEY); CREATE SEQUENCE numbers");
        string With(string text) => text.Replace("{other}", other.Name, StringComparison.Ordinal);
        var before = await shop.Open().Migrations.FindOutsideAsync(default);

        await shop.ExecuteAsync(With(sql));

        before.ShouldBeNull();
        (await shop.Open().Migrations.FindOutsideAsync(default)).ShouldBe(With(words));
        await shop.ExecuteAsync("DROP TABLE orders");
    }

    [Fact]
    public async Task An_account_that_is_not_shown_all_databases_cannot_tell()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var user = $"few_{Guid.NewGuid():N}"[..20];
        await cluster.ExecuteAsync($"GRANT ALL ON {shop.Name}.* TO {user} IDENTIFIED BY 'few'");

        var outside = await shop.Open(connectionString: $"{shop.ConnectionString};User ID={user};Password=few").Migrations.FindOutsideAsync(default);

        outside.ShouldNotBeNull().ShouldContain("grant SHOW DATABASES");
        await cluster.ExecuteAsync($"DROP USER {user}");
    }

    private static Task<string?> FindAsync(MariaDbShop shop, string sql) => shop.Open().Migrations.FindBeyondAsync([MariaDbShop.Script("1__a", sql)], [], default);
}
