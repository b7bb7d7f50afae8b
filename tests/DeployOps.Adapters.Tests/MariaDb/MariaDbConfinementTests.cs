using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using MySqlConnector;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>What is tried on a copy runs by an account of its own: the server refuses whatever would reach beyond it.</summary>
[Collection(MariaDbBackupBench.OneAfterAnother)]
public sealed class MariaDbConfinementTests(MariaDbCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY, total int NOT NULL); INSERT INTO orders SELECT seq, seq FROM seq_1_to_100; CREATE SEQUENCE numbers; CREATE FUNCTION doubled(a int) RETURNS int DETERMINISTIC RETURN a * 2";

    [Theory]
    [InlineData("INSERT INTO {live}.orders VALUES (1000, 1);", "INSERT command denied")]
    [InlineData("USE {live};\nDELETE FROM orders;", "to database '{live}'")]
    [InlineData("SET @a = 'DELETE FROM {li';\nSET @b = CONCAT(@a, 've}.orders');\nPREPARE p FROM @b;\nEXECUTE p;", "DELETE command denied")]
    [InlineData("EXECUTE IMMEDIATE CONCAT('TRUNCATE {li', 've}.orders');", "DROP command denied")]
    [InlineData("CREATE DEFINER = 'deployer'@'%' VIEW way AS SELECT 1;", "SET USER")]
    [InlineData("CREATE VIEW way AS SELECT * FROM {live}.orders;", "ANY command denied")]
    [InlineData("CREATE PROCEDURE way() DELETE FROM {live}.orders;\nCALL way();", "DELETE command denied")]
    [InlineData("CREATE TRIGGER way BEFORE INSERT ON orders FOR EACH ROW DELETE FROM {live}.orders;\nINSERT INTO orders VALUES (1000, 1);", "DELETE command denied")]
    [InlineData("SELECT NEXTVAL({live}.numbers);", "INSERT command denied")]
    [InlineData("ALTER TABLE orders ALTER COLUMN id SET DEFAULT NEXTVAL({live}.numbers);", "command denied")]
    [InlineData("SELECT * FROM orders INTO OUTFILE '/tmp/{live}.txt';", "FILE privilege")]
    [InlineData("LOAD DATA INFILE '/etc/hostname' INTO TABLE orders;", "Access denied")]
    [InlineData("CREATE EVENT way ON SCHEDULE EVERY 1 SECOND DO DELETE FROM {live}.orders;", "Access denied")]
    [InlineData("SET GLOBAL max_connections = 99;", "SUPER, CONNECTION ADMIN")]
    [InlineData("KILL {other};", "not owner of thread")]
    [InlineData("FLUSH TABLES;", "RELOAD")]
    [InlineData("CREATE USER way;", "CREATE USER")]
    [InlineData("GRANT ALL ON {live}.* TO CURRENT_USER();", "Access denied")]
    [InlineData("RENAME TABLE orders TO {live}.gone;", "command denied")]
    [InlineData("DROP DATABASE {live};", null)]
    public async Task The_server_refuses_what_would_reach_beyond_the_copy(string sql, string? words)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await shop.ConnectAsync();
        string With(string text) => text.Replace("{li', 've}", $"{shop.Name[..3]}', '{shop.Name[3..]}", StringComparison.Ordinal).Replace("{li'", $"{shop.Name[..3]}'", StringComparison.Ordinal).Replace("'ve}", $"'{shop.Name[3..]}", StringComparison.Ordinal)
            .Replace("{live}", shop.Name, StringComparison.Ordinal).Replace("{other}", $"{other.ServerThread}", StringComparison.Ordinal);
        var (before, connections) = (await FilesAsync(shop), await shop.ScalarAsync("SELECT @@GLOBAL.max_connections"));

        var (rehearsal, untried) = await RehearseAsync(shop, $"UPDATE orders SET total = 0 WHERE id = 1;\n{With(sql)}\n");

        if (words is null)
        {
            rehearsal.ShouldBeNull();
            untried.ShouldNotBeNull().ShouldContain("V1__a.sql:2 (drop database");
        }
        else
        {
            rehearsal.ShouldNotBeNull().Scripts.ShouldBeEmpty();
            untried.ShouldNotBeNull().ShouldStartWith("not rehearsed beyond V1__a.sql:");
            untried.ShouldContain(With(words));
            rehearsal.ToString().ShouldBe($"shop not rehearsed: {untried}");
        }

        (await FilesAsync(shop)).ShouldBe(before);
        (await shop.ScalarAsync("SELECT @@GLOBAL.max_connections")).ShouldBe(connections);
        (await new MySqlCommand("SELECT 1", other).ExecuteScalarAsync()).ShouldNotBeNull();
        File.Exists($"/tmp/{shop.Name}.txt").ShouldBeFalse();
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task What_runs_by_its_owners_rights_runs_by_those_on_the_copy()
    {
        // Each of it is of an account that may do everything.
        await using var shop = await cluster.CreateAsync(Orders);
        await shop.ExecuteAsync(
            $"""
            DELIMITER //
            CREATE PROCEDURE way() BEGIN SET @a = CONCAT('DELETE FROM {shop.Name[..3]}', '{shop.Name[3..]}.orders'); PREPARE p FROM @a; EXECUTE p; END //
            CREATE TRIGGER tried BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = doubled(NEW.total) //
            CREATE VIEW twice AS SELECT id, doubled(total) AS total FROM orders //
            DELIMITER ;
            """);
        var before = await FilesAsync(shop);

        var (_, untried) = await RehearseAsync(shop, "INSERT INTO orders VALUES (1000, 1);\nCALL way();");
        var (rehearsal, _) = await RehearseAsync(shop, "INSERT INTO orders VALUES (1000, 1);\nINSERT INTO orders SELECT 1001, total FROM twice WHERE id = 1000;");

        untried.ShouldNotBeNull().ShouldContain("V1__a.sql:2: DELETE command denied to user 'deployops_");
        rehearsal.ShouldNotBeNull().Untried.ShouldBe("");
        (await FilesAsync(shop)).ShouldBe(before);
        await NothingIsLeftAsync(shop);
    }

    [Theory]
    [InlineData("", "CREATE USER privilege(s) for this operation (1227); grant the account of the plan CREATE USER ON *.*, SELECT ON mysql.func and ALL ON `deployops\\_%`.* WITH GRANT OPTION, and start again")]
    [InlineData("CREATE USER", "SELECT command denied to user")]
    [InlineData("CREATE USER, SELECT", null)]
    public async Task An_account_of_the_plan_that_may_not_make_one_is_told_what_it_needs(string rights, string? words)
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int PRIMARY KEY, total int)");
        var plan = await PlanAccountAsync(shop, rights);

        var (rehearsal, untried) = await RehearseAsync(shop, "ALTER TABLE orders ADD x int;", $"{shop.ConnectionString};User ID={plan};Password=plan");

        (rehearsal is null).ShouldBe(words is not null);
        if (words is not null)
        {
            untried.ShouldNotBeNull().ShouldStartWith("scripts on the copy could not be kept within it by an account of their own: ");
            untried.ShouldContain(words);
        }

        await cluster.ExecuteAsync($"DROP USER {plan}");
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task Where_a_database_is_open_to_everybody_nothing_is_tried()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        await cluster.ExecuteAsync("CREATE DATABASE everybodys");
        await cluster.ExecuteAsync("GRANT SELECT, INSERT ON everybodys.* TO PUBLIC");
        try
        {
            var (rehearsal, untried) = await RehearseAsync(shop, "ALTER TABLE orders ADD x int;");

            rehearsal.ShouldBeNull();
            untried.ShouldNotBeNull().ShouldContain("the database everybodys is open to every account");
        }
        finally
        {
            await cluster.ExecuteAsync("REVOKE ALL ON everybodys.* FROM PUBLIC");
            await cluster.ExecuteAsync("DROP DATABASE everybodys");
        }
    }

    [Fact]
    public async Task What_a_killed_run_left_is_dropped_by_the_next_by_its_mark_and_never_by_its_name()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        await cluster.ExecuteAsync($"CREATE DATABASE deployops_account_0123456789ab COMMENT '{MariaDbScratch.Comment} tells of an account, ''deployops_0123456789ab''@''127.0.0.1'''");
        await cluster.ExecuteAsync("CREATE USER 'deployops_0123456789ab'@'127.0.0.1'");
        await cluster.ExecuteAsync("CREATE DATABASE deployops_account_ba9876543210");
        await cluster.ExecuteAsync($"CREATE DATABASE deployops_account_aaaaaaaaaaaa COMMENT '{MariaDbScratch.Comment} tells of an account, ''deployer''@''%'''");
        await cluster.ExecuteAsync("CREATE USER 'deployops_ba9876543210'@'127.0.0.1'");
        await cluster.ExecuteAsync("CREATE DATABASE deployops_verify_ba9876543210 COMMENT 'mine'");
        try
        {
            await RehearseAsync(shop, "ALTER TABLE orders ADD x int;");

            (await shop.ScalarAsync("SELECT GROUP_CONCAT(User) FROM mysql.user WHERE User LIKE 'deployops\\_%'")).ShouldBe("deployops_ba9876543210");
            (await shop.ScalarAsync("SELECT GROUP_CONCAT(SCHEMA_NAME ORDER BY 1) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'deployops\\_%'"))
                .ShouldBe("deployops_account_aaaaaaaaaaaa,deployops_account_ba9876543210,deployops_verify_ba9876543210");
            (await shop.ScalarAsync("SELECT COUNT(*) FROM mysql.user WHERE User = 'deployer'")).ShouldBe("1");
        }
        finally
        {
            await cluster.ExecuteAsync("DROP USER 'deployops_ba9876543210'@'127.0.0.1'");
            foreach (var name in new[] { "deployops_account_aaaaaaaaaaaa", "deployops_account_ba9876543210", "deployops_verify_ba9876543210" })
            {
                await cluster.ExecuteAsync($"DROP DATABASE {name}");
            }
        }
    }

    [Fact]
    public async Task A_copy_that_cannot_be_dropped_is_told_and_its_proof_counts()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        var plan = await PlanAccountAsync(shop, "CREATE USER, SELECT, RELOAD");
        var backups = shop.Open(connectionString: $"{shop.ConnectionString};User ID={plan};Password=plan").Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        var observer = new RecordedProof();

        var read = await backups.ReadBackAsync(file, observer, async (_, _) => await cluster.ExecuteAsync($"REVOKE DROP ON `deployops\\_%`.* FROM {plan}"), default);

        DeployOps.Backups.BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        var copy = await shop.ScalarAsync("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'deployops\\_verify\\_%'");
        observer.WasLeft.ShouldHaveSingleItem().ShouldMatch($@"the copy {copy} on 127\.0\.0\.1:\d+ could not be dropped: Access denied .*\. DROP DATABASE {copy}; the next proof drops it, too\.");
        await cluster.ExecuteAsync($"DROP USER {plan}");
        await shop.Open().Backups.ReadBackAsync(file, default);
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task The_password_of_the_account_is_told_to_whoever_keeps_it_out_of_everything()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        var observer = new RecordedProof();
        var file = shop.PathOf("backup.sql");
        var backups = shop.Open().Backups;
        await backups.BackupAsync(file, default);

        await backups.ReadBackAsync(file, observer, async (copy, _) => (await copy.ConfineAsync(default)).ShouldBeNull(), default);

        observer.Secrets.ShouldHaveSingleItem().Length.ShouldBeGreaterThan(40);
    }

    [Theory]
    [InlineData("CREATE TRIGGER noted BEFORE INSERT ON orders FOR EACH ROW DO GET_LOCK('nightly', 0)", "INSERT INTO orders VALUES (1000, 1);", "the trigger noted has GET_LOCK")]
    [InlineData("CREATE PROCEDURE nightly() DO GET_LOCK('nightly', 0)", "CALL nightly();", "the procedure nightly has GET_LOCK")]
    [InlineData("CREATE FUNCTION taken() RETURNS int RETURN GET_LOCK('nightly', 0); CREATE VIEW looked AS SELECT taken() AS it FROM orders", "SELECT 1;", "the function taken has GET_LOCK")]
    [InlineData("CREATE PROCEDURE nightly() DO GET_LOCK('nightly', 0)", "EXECUTE IMMEDIATE CONCAT('CALL night', 'ly()');", "the procedure nightly has GET_LOCK")]
    [InlineData("CREATE PROCEDURE nightly() DO GET_LOCK('nightly', 0)", "INSERT INTO orders VALUES (1000, 1);", null)]
    [InlineData("CREATE TRIGGER noted BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = LENGTH('GET_LOCK')", "INSERT INTO orders VALUES (1000, 1);", null)]
    public async Task What_the_database_itself_locks_by_name_is_not_set_off_on_a_copy(string made, string script, string? words)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await shop.ExecuteAsync(made);

        var (rehearsal, untried) = await RehearseAsync(shop, script);

        (rehearsal is null).ShouldBe(words is not null, untried);
        (untried ?? "").ShouldContain(words is null ? "" : $"{words}, and locks by name are the whole server's");
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task What_the_binary_log_keeps_from_being_made_there_is_told_with_what_to_do_and_is_no_fault_of_the_script()
    {
        const string Way = "while the server writes a binary log it lets only accounts with SUPER make triggers";
        const string Script = "CREATE TRIGGER counted BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = 1;\nCREATE FUNCTION now_or_never() RETURNS int RETURN RAND();";
        await using var own = new MariaDbCluster { Options = ["--log-bin=binlog", "--server-id=1"] };
        await using var shop = await own.CreateAsync("CREATE TABLE orders (id int PRIMARY KEY, total int NOT NULL)");

        var (rehearsal, untried) = await RehearseAsync(shop, Script);
        var (_, ofFunction) = await RehearseAsync(shop, "CREATE FUNCTION now_or_never() RETURNS int RETURN RAND();");
        await own.ExecuteAsync("SET GLOBAL log_bin_trust_function_creators = 1");
        var (trusted, nothing) = await RehearseAsync(shop, Script);

        untried.ShouldNotBeNull().ShouldStartWith("not rehearsed beyond V1__a.sql:1: You do not have the SUPER privilege and binary logging is enabled");
        untried.ShouldContain($": {Way}");
        untried.ShouldContain("SET GLOBAL log_bin_trust_function_creators = 1, or name a server without a binary log by Databases.Scratch; neither what comes after");
        rehearsal.ShouldNotBeNull().Scripts.ShouldBeEmpty();
        ofFunction.ShouldNotBeNull().ShouldContain("(1418)");
        nothing.ShouldBeNull();
        trusted.ShouldNotBeNull().Scripts.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_backup_that_the_binary_log_keeps_from_being_restored_is_not_called_corrupt()
    {
        await using var own = new MariaDbCluster { Options = ["--log-bin=binlog", "--server-id=1", "--log-bin-trust-function-creators=1"] };
        await using var shop = await own.CreateAsync("CREATE TABLE orders (id int PRIMARY KEY, total int NOT NULL)");
        await own.ExecuteAsync($"CREATE USER plan IDENTIFIED BY 'plan'; GRANT RELOAD, PROCESS, CREATE USER ON *.* TO plan; GRANT ALL ON {shop.Name}.* TO plan; GRANT ALL ON `deployops\\_%`.* TO plan WITH GRANT OPTION; GRANT SELECT ON mysql.func TO plan");
        var plan = $"{shop.ConnectionString};User ID=plan;Password=plan";
        await using (var connection = new MySqlConnection(plan + ";Pooling=false"))
        {
            await connection.OpenAsync();
            await new MySqlCommand("CREATE TRIGGER counted BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = 1", connection).ExecuteNonQueryAsync();
        }

        await own.ExecuteAsync("SET GLOBAL log_bin_trust_function_creators = 0");
        var backups = shop.Open(connectionString: plan).Backups;
        var file = shop.PathOf("backup.sql");
        await backups.BackupAsync(file, default);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));

        error.ErrorId.ShouldBe("BackupScratchFailed");
        error.Message.ShouldContain("It says nothing against the backup, which is not proven: while the server writes a binary log");
    }

    private async Task<string> PlanAccountAsync(MariaDbShop shop, string rights)
    {
        var plan = $"plan_{Guid.NewGuid():N}"[..20];
        await cluster.ExecuteAsync($"CREATE USER {plan} IDENTIFIED BY 'plan'");
        await cluster.ExecuteAsync($"GRANT RELOAD, PROCESS{(rights.Contains("CREATE USER", StringComparison.Ordinal) ? ", CREATE USER" : "")} ON *.* TO {plan}");
        await cluster.ExecuteAsync($"GRANT ALL ON {shop.Name}.* TO {plan}");
        await cluster.ExecuteAsync($"GRANT ALL ON `deployops\\_%`.* TO {plan} WITH GRANT OPTION");
        if (rights.Contains("SELECT", StringComparison.Ordinal))
        {
            await cluster.ExecuteAsync($"GRANT SELECT ON mysql.func TO {plan}");
        }

        return plan;
    }

    private static async Task NothingIsLeftAsync(MariaDbShop shop)
    {
        (await shop.ScalarAsync("SELECT COUNT(*) FROM mysql.user WHERE User LIKE 'deployops\\_%'")).ShouldBe("0");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'deployops\\_%'")).ShouldBe("0");
    }

    // What the live database holds, byte by byte, and where its sequence stands.
    private static async Task<string> FilesAsync(MariaDbShop shop)
    {
        var fingerprint = await shop.Open().Backups.FingerprintAsync(default);
        return string.Join(';', [fingerprint.Schema, .. fingerprint.Tables.Select(table => $"{table.Name} {table.Rows} {table.Hash}"), .. fingerprint.Sequences.Select(sequence => sequence.ToString())]);
    }

    private static async Task<(MigrationRehearsal? Rehearsal, string? Untried)> RehearseAsync(MariaDbShop shop, string sql, string? connectionString = null)
    {
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", sql);
        var scripts = await MigrationFolder.LoadAsync(shop.PathOf("migrations"), default);
        var backups = shop.Open(connectionString: connectionString).Backups;
        var file = shop.PathOf($"backup-{Guid.NewGuid():N}.sql");
        await backups.BackupAsync(file, default);
        MigrationRehearsal? rehearsal = null;
        string? untried = null;
        await backups.ReadBackAsync(
            file,
            async (copy, _) =>
            {
                var rehearser = new MigrationRehearser(copy, migrator, TimeProvider.System);
                (rehearsal, untried) = (await rehearser.RunAsync(migrator.Spec, scripts, [], default), rehearser.Untried);
            },
            default);
        return (rehearsal, untried);
    }
}
