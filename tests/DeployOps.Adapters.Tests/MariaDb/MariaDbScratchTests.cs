using System.Globalization;
using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Watching;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A backup is proven and rehearsed on the server that the plan names for it.</summary>
[Collection(MariaDbBackupBench.OneAfterAnother)]
public sealed class MariaDbScratchTests(MariaDbCluster cluster, MariaDbScratchTests.Other other) : IClassFixture<MariaDbScratchTests.Other>
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, name varchar(40)); INSERT INTO orders (name) SELECT MD5(seq) FROM seq_1_to_2000; CREATE VIEW names AS SELECT name FROM orders";

    [Fact]
    public async Task A_backup_is_restored_and_rehearsed_on_the_server_that_is_named_and_on_no_other()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var proofs = await other.Cluster.CreateAsync();
        var backups = shop.Open(scratch: proofs.ConnectionString).Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("UPDATE orders SET name = 'later' WHERE id = 1");
        var observer = new RecordedProof();
        var (here, there, account) = ("", "", "");
        ScriptRehearsal? script = null;

        var read = await backups.ReadBackAsync(
            file,
            observer,
            async (copy, restored) =>
            {
                BackupComparison.Compare("backup", taken, restored).ToString().ShouldStartWith("Pass");
                script = await RehearseAsync(shop, copy, "UPDATE orders SET name = 'x' WHERE id < 10;\nALTER TABLE orders MODIFY name varchar(400);");
                here = await MariaDbBackupBench.ScratchAsync(shop);
                there = await MariaDbBackupBench.ScratchAsync(proofs);
                account = await proofs.ScalarAsync("SELECT COUNT(*) FROM mysql.user WHERE User LIKE 'deployops\\_%'");
            },
            default);

        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        (here, there, account).ShouldBe(("0", "1", "1"));
        observer.Evidence!.ToString().ShouldBe($"restored on 127.0.0.1:{other.Cluster.Port}");
        // That server tells of metadata locks by its performance schema.
        script!.Statements[0].Locks.ShouldBe(["orders MDL_SHARED_WRITE"]);
        script.Statements[1].Rewritten.ShouldBe(["orders"]);
        (await shop.HasColumnAsync("orders", "tag")).ShouldBeFalse();
        (await MariaDbBackupBench.ScratchAsync(proofs)).ShouldBe("0");
        (await proofs.ScalarAsync("SELECT COUNT(*) FROM mysql.user WHERE User LIKE 'deployops\\_%'")).ShouldBe("0");
    }

    [Fact]
    public async Task Where_a_server_shows_no_metadata_locks_that_is_told()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var proofs = await other.Cluster.CreateAsync();
        await other.Cluster.ExecuteAsync("UPDATE performance_schema.setup_instruments SET ENABLED = 'NO' WHERE NAME = 'wait/lock/metadata/sql/mdl'");
        ScriptRehearsal? script = null;
        try
        {
            var backups = shop.Open(scratch: proofs.ConnectionString).Backups;
            var file = shop.PathOf("backup.sql");
            await backups.BackupAsync(file, default);
            await backups.ReadBackAsync(file, async (copy, _) => script = await RehearseAsync(shop, copy, "ALTER TABLE orders MODIFY name varchar(400);"), default);
        }
        finally
        {
            await other.Cluster.ExecuteAsync("UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = 'wait/lock/metadata/sql/mdl'");
        }

        script!.Statements.ShouldHaveSingleItem().Locks.ShouldBeEmpty();
        script.ToString().ShouldContain("rewrites orders, ");
        script.ToString().ShouldContain("not known: metadata locks: install the plugin metadata_lock_info");
    }

    [Fact]
    public async Task Going_back_restores_on_the_live_server_whatever_server_is_named_for_proofs()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var proofs = await other.Cluster.CreateAsync();
        var backups = shop.Open(scratch: proofs.ConnectionString).Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("DELETE FROM orders WHERE id > 5");

        await backups.RestoreAsync(file, taken, default);

        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("2000");
        (await proofs.HasAsync("orders")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_server_of_the_live_database_is_refused_by_whatever_name_it_is_reached()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var beside = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(scratch: beside.ConnectionString.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)).Backups.BackupAsync(shop.PathOf("backup.sql"), default));

        error.ErrorId.ShouldBe("ScratchUnusable");
        error.Message.ShouldContain("it is the server of the live database itself");
        Directory.GetFiles(shop.Folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_is_read_only_or_not_there_is_refused_before_there_is_a_backup()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var proofs = await other.Cluster.CreateAsync();
        await other.Cluster.ExecuteAsync("SET GLOBAL read_only = 1");
        DeployOpsException error;
        try
        {
            error = await Should.ThrowAsync<DeployOpsException>(shop.Open(scratch: proofs.ConnectionString).Backups.BackupAsync(shop.PathOf("backup.sql"), default));
        }
        finally
        {
            await other.Cluster.ExecuteAsync("SET GLOBAL read_only = 0");
        }

        var nobody = string.Create(CultureInfo.InvariantCulture, $"Server=127.0.0.1;Port={ServerProcess.FreePort()};Database=mysql;User ID=deployer;Password=secret-of-nobody;Connection Timeout=5");
        var gone = await Should.ThrowAsync<DeployOpsException>(shop.Open(scratch: nobody).Backups.BackupAsync(shop.PathOf("backup.sql"), default));

        (error.ErrorId, gone.ErrorId).ShouldBe(("ScratchUnusable", "DatabaseUnreachable"));
        error.Message.ShouldContain("it is read only, as a replica is");
        gone.Message.ShouldNotContain("secret-of-nobody");
        Directory.GetFiles(shop.Folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Limits_that_are_of_the_live_server_do_not_count_replicas_of_another_and_hold_a_restore_on_its_own()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var proofs = await other.Cluster.CreateAsync();
        var limits = new MigrationLimits { Replicas = 2 };
        var backups = shop.Open(scratch: proofs.ConnectionString, limits: limits).Backups;
        var file = shop.PathOf("backup.sql");
        await backups.BackupAsync(file, default);

        await backups.ReadBackAsync(file, (copy, _) => copy.Migrations.ApplyAsync(MariaDbShop.Script("1__tag", "ALTER TABLE orders ADD COLUMN tag text"), "ada", new RecordedWatch(), default), default);
        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(limits: limits).Backups.ReadBackAsync(file, default));

        error.ErrorId.ShouldBe("BackupProofUnknown");
        error.Message.ShouldContain("0 of 2 replicas there; so at 3 looks in a row. The restore was given up. A backup that was not restored is not proven. Name a server for proofs by Databases.Scratch");
        (await MariaDbBackupBench.ScratchAsync(shop)).ShouldBe("0");
    }

    [Fact]
    public async Task Beside_the_live_database_it_is_told_what_the_restore_did_to_others()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        await backups.BackupAsync(file, default);
        var observer = new RecordedProof();

        await backups.ReadBackAsync(file, observer, (_, _) => Task.CompletedTask, default);

        observer.Evidence!.ToString().ShouldBe("restored on its own server, never held, lag 0 bytes and 0 s at most");
        observer.Told.ShouldContain(line => line.StartsWith("comparing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_disk_of_the_binary_log_has_to_have_room_too()
    {
        using var disk = SmallDisk.Mount(20 * 1024);
        await using (var own = new MariaDbCluster { Options = [$"--log-bin={disk.PathOf("binlog")}", "--server-id=1"] })
        {
            // As it is loaded it is not logged.
            await using var shop = await own.CreateAsync("SET sql_log_bin = 0; CREATE TABLE orders (x int, picture blob); INSERT INTO orders SELECT seq, REPEAT(CHAR(65 + seq MOD 20), 7900) FROM seq_1_to_3000; ANALYZE TABLE orders");
            var backups = shop.Open().Backups;
            var file = shop.PathOf("backup.sql");
            await backups.BackupAsync(file, default);

            var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));

            error.ErrorId.ShouldBe("BackupProofUnknown");
            error.Message.ShouldMatch(@"[0-9.]+ MiB of 20 MiB of the disk of the server's binary log are free, and about [0-9.]+ MiB of 20 MiB are needed");
        }

        foreach (var left in Directory.GetFiles(disk.Folder))
        {
            File.Delete(left);
        }
    }

    [Theory]
    [InlineData("10.11.6", "10.6.19", "No backup can be proven on mysql on db2:3306: it is of version 10.6, and shop on db1:3306 of version 10.11. Name one of version 10.11.")]
    [InlineData("10.11.6", "10.11.19", null)]
    [InlineData("10.6.19", "11.4.2", "No backup can be proven on mysql on db2:3306: it is of version 11.4, and shop on db1:3306 of version 10.6. Name one of version 10.6.")]
    public void A_series_other_than_the_live_servers_is_refused(string live, string there, string? words)
    {
        void Refuse() => MariaDbScratchServer.RefuseOther(Server("db1", "shop"), Version.Parse(live), Server("db2", "mysql"), Version.Parse(there));

        (words is null ? null : Should.Throw<DeployOpsException>(Refuse).Message).ShouldBe(words);
        (words is null ? Record.Exception(Refuse) : null).ShouldBeNull();
    }

    private static MariaDbServer Server(string host, string database) => MariaDbServer.Of(new DatabaseSpec { Name = "shop", Kind = "MariaDb", ConnectionString = $"Server={host};Database={database}", BaseFolder = "." });

    private static async Task<ScriptRehearsal> RehearseAsync(MariaDbShop shop, IDatabase copy, string sql)
    {
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", sql);
        var scripts = await MigrationFolder.LoadAsync(shop.PathOf("migrations"), default);
        var rehearsal = await new MigrationRehearser(copy, migrator, TimeProvider.System).RunAsync(migrator.Spec, scripts, [], default);
        return rehearsal.ShouldNotBeNull(string.Join("; ", migrator.Warnings)).Scripts.ShouldHaveSingleItem();
    }

    public sealed class Other : IAsyncDisposable
    {
        internal MariaDbCluster Cluster { get; } = new()
        {
            Options = ["--skip-log-bin", "--metadata-lock-info=OFF", "--performance-schema=ON", "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON"],
        };

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}
