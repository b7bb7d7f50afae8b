using System.Globalization;
using DeployOps.Adapters.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Backups;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlScratchTests(PostgreSqlCluster cluster, PostgreSqlScratchTests.Other other) : IClassFixture<PostgreSqlCluster>, IClassFixture<PostgreSqlScratchTests.Other>
{
    private const string Orders = """
        CREATE TABLE orders (id serial PRIMARY KEY, name text NOT NULL); INSERT INTO orders (name) SELECT md5(i::text) FROM generate_series(1, 2000) i;
        CREATE INDEX orders_name ON orders (name); CREATE MATERIALIZED VIEW names AS SELECT name FROM orders;
        SELECT lo_from_bytea(0, 'large');
        """;

    [Fact]
    public async Task A_backup_is_restored_and_rehearsed_on_the_server_that_is_named_and_on_no_other()
    {
        // Nobody else is on that server meanwhile.
        await using var shop = await other.Cluster.CreateAsync(Orders);
        await using var proofs = await cluster.CreateAsync();
        var backups = shop.Open(scratch: proofs.ConnectionString).Backups;
        var file = shop.PathOf("backup.dump");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("UPDATE orders SET name = 'later' WHERE id = 1");
        var observer = new RecordedProof();
        var hereMeanwhile = (object?)null;

        var read = await backups.ReadBackAsync(
            file,
            observer,
            async (copy, restored) =>
            {
                BackupComparison.Compare("backup", taken, restored).ToString().ShouldStartWith("Pass");
                hereMeanwhile = await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_verify_%'");
                await copy.Migrations.ApplyAsync(PostgreSqlShop.Script("1__tag", "ALTER TABLE orders ADD COLUMN tag text"), "ada", new RecordedWatch(), default);
            },
            default);

        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        hereMeanwhile.ShouldBe(0L);
        observer.Evidence!.ToString().ShouldBe($"restored on 127.0.0.1:{cluster.Port}");
        (await shop.ScalarAsync("SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'tag'")).ShouldBe(0L);
    }

    [Fact]
    public async Task Going_back_restores_on_the_live_server_whatever_server_is_named_for_proofs()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var proofs = await other.Cluster.CreateAsync();
        var backups = shop.Open(scratch: proofs.ConnectionString).Backups;
        var file = shop.PathOf("backup.dump");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("DELETE FROM orders WHERE id > 5");

        await backups.RestoreAsync(file, taken, default);

        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(2000L);
        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
        (await proofs.ScalarAsync("SELECT to_regclass('orders') IS NULL")).ShouldBe(true);
    }

    [Fact]
    public async Task Limits_that_are_of_the_live_server_do_not_count_replicas_of_another()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var proofs = await other.Cluster.CreateAsync();
        var backups = shop.Open(scratch: proofs.ConnectionString, limits: new MigrationLimits { Replicas = 2 }).Backups;
        var file = shop.PathOf("backup.dump");
        await backups.BackupAsync(file, default);

        await backups.ReadBackAsync(file, (copy, _) => copy.Migrations.ApplyAsync(PostgreSqlShop.Script("1__tag", "ALTER TABLE orders ADD COLUMN tag text"), "ada", new RecordedWatch(), default), default);
    }

    [Fact]
    public async Task Without_the_replicas_that_are_to_be_there_it_is_unknown_what_a_backup_holds()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var backups = shop.Open(limits: new MigrationLimits { Replicas = 2 }).Backups;
        var file = shop.PathOf("backup.dump");
        await backups.BackupAsync(file, default);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));

        error.ErrorId.ShouldBe("BackupProofUnknown");
        error.Message.ShouldContain("0 of 2 replicas there; so at 3 looks in a row. The restore was given up. A backup that was not restored is not proven. Name a server for proofs by Databases.Scratch");
        (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_verify_%'")).ShouldBe(0L);
    }

    [Fact]
    public async Task Where_the_disk_of_its_own_server_is_not_known_no_copy_is_made_unless_somebody_names_that_server()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var elsewhere = await NameOfThisHostAsync();
        string Far(string connectionString) => connectionString.Replace("Host=127.0.0.1", $"Host={elsewhere}", StringComparison.Ordinal);
        var backups = shop.Open(connectionString: Far(shop.ConnectionString)).Backups;
        var file = shop.PathOf("backup.dump");
        var taken = await backups.BackupAsync(file, default);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));
        await using var beside = await cluster.CreateAsync();
        var observer = new RecordedProof();
        var read = await shop.Open(connectionString: Far(shop.ConnectionString), scratch: Far(beside.ConnectionString)).Backups.ReadBackAsync(file, observer, (_, _) => Task.CompletedTask, default);

        error.ErrorId.ShouldBe("BackupProofUnknown");
        error.Message.ShouldMatch(@": whether [0-9.]+ MiB are free there, twice its size, is not known: the server's disk: it is not on this machine\. A backup that was not restored is not proven\. Name a server for proofs by Databases\.Scratch, .*-Deviation");
        (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_verify_%'")).ShouldBe(0L);
        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        observer.Evidence.ShouldNotBeNull().Unknown.ShouldContain("the server's disk: it is not on this machine");
    }

    [Fact]
    public async Task The_disk_is_known_also_to_an_account_that_the_server_does_not_tell_where_its_data_are()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync($"CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'app-password'; CREATE TABLE orders (x int); ALTER TABLE orders OWNER TO {role}");
        var server = PostgreSqlServer.Of(new Migrations.DatabaseSpec { Name = "shop", Kind = "PostgreSql", ConnectionString = shop.ConnectionString + $";Username={role};Password=app-password", BaseFolder = "." });
        await using var connection = await server.OpenAsync("test", default);
        var host = new PostgreSqlHost(server, connection.ProcessID);
        var folder = (string)(await shop.ScalarAsync("SHOW data_directory"))!;

        var disk = await host.DiskAsync(connection);

        disk.ShouldNotBeNull().Total.ShouldBe(new DriveInfo(folder).TotalSize);
        host.Unknown.ShouldBeNull();
        PostgreSqlDataFolder.Of(connection.ProcessID).ShouldBe(folder);
        PostgreSqlDataFolder.Started(["postgres", "-D", folder, "-p", "1"]).ShouldBe(folder);
        PostgreSqlDataFolder.Started(["postgres", $"-D{folder}"]).ShouldBe(folder);
        PostgreSqlDataFolder.Started(["postgres", "-D", shop.Folder]).ShouldBeNull("it holds the settings alone");
        PostgreSqlDataFolder.Started(["postgres", "-D"]).ShouldBeNull();
        PostgreSqlDataFolder.Started(["postgres"]).ShouldBeNull();
        await shop.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [Fact]
    public async Task The_disk_of_a_tablespace_has_to_have_room_for_what_is_in_it_too()
    {
        using var disk = SmallDisk.Mount(20 * 1024);
        await using var shop = await cluster.CreateAsync(Orders);
        var space = $"full_{shop.Name}";
        await PostgreSqlCluster.RunAsync("mkdir", "-m", "0700", disk.PathOf("space"));
        await cluster.ExecuteAsync($"CREATE TABLESPACE {space} LOCATION '{disk.PathOf("space")}'");
        try
        {
            await shop.ExecuteAsync($"CREATE TABLE pictures (picture text) TABLESPACE {space}; ALTER TABLE pictures ALTER COLUMN picture SET STORAGE EXTERNAL; INSERT INTO pictures SELECT repeat('x', 8000) FROM generate_series(1, 1400)");
            var backups = shop.Open().Backups;
            var file = shop.PathOf("backup.dump");
            var taken = await backups.BackupAsync(file, default);

            var proof = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));
            var restore = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, default));

            proof.ErrorId.ShouldBe("BackupProofUnknown");
            proof.Message.ShouldMatch($@"no copy of it can be made on 127\.0\.0\.1:[0-9]+: [0-9.]+ MiB of 20 MiB of the disk of tablespace {space} are free, and about [0-9.]+ MiB of 20 MiB are needed");
            restore.Message.ShouldContain($"of the disk of tablespace {space} are free");
        }
        finally
        {
            await shop.ExecuteAsync("DROP TABLE IF EXISTS pictures");
            await cluster.ExecuteAsync($"DROP TABLESPACE {space}");
            Directory.Delete(disk.PathOf("space"), recursive: true);
        }
    }

    [Fact]
    public async Task The_disk_of_the_servers_log_has_to_have_room_for_what_is_kept_of_it()
    {
        using var disk = SmallDisk.Mount(64 * 1024);
        await using (var own = new PostgreSqlCluster { LogFolder = disk.PathOf("wal") })
        {
            await using var shop = await own.CreateAsync();
            await own.ExecuteAsync("ALTER SYSTEM SET min_wal_size = '32MB'");
            await own.ExecuteAsync("ALTER SYSTEM SET max_wal_size = '32MB'");
            await own.ExecuteAsync("SELECT pg_reload_conf()");
            var backups = shop.Open().Backups;
            var (small, large) = (shop.PathOf("small.dump"), shop.PathOf("large.dump"));
            await backups.BackupAsync(small, default);
            await backups.ReadBackAsync(small, default);
            await shop.ExecuteAsync("CREATE TABLE pictures (picture text); ALTER TABLE pictures ALTER COLUMN picture SET STORAGE EXTERNAL");
            for (var part = 0; part < 4; part++)
            {
                await shop.ExecuteAsync("INSERT INTO pictures SELECT repeat('x', 8000) FROM generate_series(1, 1400)");
                await own.ExecuteAsync("CHECKPOINT");
            }

            await backups.BackupAsync(large, default);
            await own.ExecuteAsync("SELECT pg_create_physical_replication_slot('nobody')");

            var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(large, default));

            error.ErrorId.ShouldBe("BackupProofUnknown");
            error.Message.ShouldMatch("MiB of 64 MiB of the disk of the server's log are free, and about [0-9.]+ MiB of 64 MiB are needed");
        }

        if (Directory.Exists(disk.PathOf("wal")))
        {
            Directory.Delete(disk.PathOf("wal"), recursive: true);
        }
    }

    [Fact]
    public async Task A_copy_that_cannot_be_dropped_is_told_by_name_and_speaks_not_against_the_proof()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.dump");
        var taken = await backups.BackupAsync(file, default);
        var observer = new RecordedProof();
        var name = "";

        var read = await backups.ReadBackAsync(
            file,
            observer,
            async (copy, _) =>
            {
                name = (await copy.Validations.QueryAsync("SELECT current_database()", 1, text => text, default)).Scalar!;
                // No template can be dropped.
                await shop.ExecuteAsync($"ALTER DATABASE {name} IS_TEMPLATE true");
            },
            default);

        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        var left = observer.WasLeft.ShouldHaveSingleItem();
        left.ShouldStartWith($"The copy {name} on 127.0.0.1:{cluster.Port} could not be dropped and takes room there: ");
        left.ShouldEndWith($"DROP DATABASE \"{name}\" WITH (FORCE)");
        await shop.ExecuteAsync($"ALTER DATABASE {name} IS_TEMPLATE false");
        await backups.ReadBackAsync(file, default);
        (await shop.ScalarAsync($"SELECT count(*) FROM pg_database WHERE datname = '{name}'")).ShouldBe(0L, "the next one drops it");
    }

    [Fact]
    public async Task The_live_database_is_no_place_to_prove_its_own_backup()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(scratch: shop.ConnectionString + ";Application Name=x").Backups.BackupAsync(shop.PathOf("backup.dump"), default));

        error.ErrorId.ShouldBe("ScratchUnusable");
        error.Message.ShouldContain("it is the live database itself");
        Directory.GetFiles(shop.Folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_database_of_the_same_server_is_watched_as_that_server_is()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var beside = await cluster.CreateAsync();
        var backups = shop.Open(scratch: beside.ConnectionString).Backups;
        var file = shop.PathOf("backup.dump");
        await backups.BackupAsync(file, default);
        var observer = new RecordedProof();

        await backups.ReadBackAsync(file, observer, (_, _) => Task.CompletedTask, default);

        observer.Evidence!.ToString().ShouldBe("restored on its own server, never held, lag 0 bytes and 0 s at most");
        observer.Evidence.Samples.ShouldBeGreaterThan(0);
        observer.Told.ShouldContain(line => line.StartsWith("comparing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(16, 15, "No backup can be proven on postgres on db2:5432: it is of version 15, and shop on db1:5432 of version 16. Name one of version 16.")]
    [InlineData(15, 15, null)]
    [InlineData(15, 16, "No backup can be proven on postgres on db2:5432: it is of version 16, and shop on db1:5432 of version 15. Name one of version 15.")]
    public void A_version_other_than_the_live_servers_is_refused(int live, int there, string? words)
    {
        void Refuse() => PostgreSqlScratchServer.RefuseOther(Server("db1", "shop"), live, Server("db2", "postgres"), there);

        (words is null ? null : Should.Throw<DeployOpsException>(Refuse).Message).ShouldBe(words);
        (words is null ? Record.Exception(Refuse) : null).ShouldBeNull();
    }

    [Fact]
    public async Task Roles_that_are_missing_there_are_told_by_name()
    {
        var (owner, reader, painter) = ($"owner_{Guid.NewGuid():N}", $"reader_{Guid.NewGuid():N}", $"painter_{Guid.NewGuid():N}");
        await using var shop = await cluster.CreateAsync(
            $"CREATE ROLE {owner}; CREATE ROLE {reader}; CREATE ROLE {painter}; {Orders} ALTER TABLE orders OWNER TO {owner}; GRANT SELECT (name) ON orders TO {reader}; CREATE POLICY p ON orders TO {painter} USING (true);");
        await using var proofs = await other.Cluster.CreateAsync($"CREATE ROLE {painter}");
        var backups = shop.Open(scratch: proofs.ConnectionString).Backups;
        var file = shop.PathOf("backup.dump");

        var error = await Should.ThrowAsync<DeployOpsException>(backups.BackupAsync(file, default));
        await proofs.ExecuteAsync($"CREATE ROLE {owner}; CREATE ROLE {reader}");
        var taken = await backups.BackupAsync(file, default);
        var read = await backups.ReadBackAsync(file, default);

        error.ErrorId.ShouldBe("ScratchUnusable");
        error.Message.ShouldContain($"it lacks the roles {owner}, {reader}, which the live database uses.");
        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        await shop.ExecuteAsync($"DROP OWNED BY {owner}, {reader}, {painter} CASCADE; DROP ROLE {owner}, {reader}, {painter}");
        await proofs.ExecuteAsync($"DROP ROLE {owner}, {reader}, {painter}");
    }

    [Fact]
    public async Task An_account_with_no_more_rights_than_to_make_databases_can_prove_its_backup_there()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync($"CREATE ROLE {role} LOGIN PASSWORD 'app-password'; CREATE TABLE orders (x int); ALTER TABLE orders OWNER TO {role}");
        await using var proofs = await other.Cluster.CreateAsync($"CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'app-password'");
        var account = $";Username={role};Password=app-password";
        var backups = shop.Open(connectionString: shop.ConnectionString + account, scratch: proofs.ConnectionString + account).Backups;
        var file = shop.PathOf("backup.dump");

        var taken = await backups.BackupAsync(file, default);
        var read = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        (await proofs.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_%'")).ShouldBe(0L);
        await shop.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        await proofs.ExecuteAsync($"DROP ROLE {role}");
    }

    [Fact]
    public async Task A_named_server_that_is_not_there_refuses_the_backup_before_it_is_made()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var nobody = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={PostgreSqlCluster.FreePort()};Database=postgres;Username=postgres;Password=secret-of-nobody;Timeout=5");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(scratch: nobody).Backups.BackupAsync(shop.PathOf("backup.dump"), default));

        error.ErrorId.ShouldBe("DatabaseUnreachable");
        error.Message.ShouldNotContain("secret-of-nobody");
        Directory.GetFiles(shop.Folder).ShouldBeEmpty();
    }

    // A name that leads to the server and is none of the loopback's, as that of another machine would be.
    internal static async Task<string> NameOfThisHostAsync()
    {
        var addresses = await System.Net.Dns.GetHostAddressesAsync(Environment.MachineName);
        Assert.SkipUnless(addresses.Contains(System.Net.IPAddress.Loopback), $"{Environment.MachineName} does not lead to 127.0.0.1 here.");
        return Environment.MachineName;
    }

    private static PostgreSqlServer Server(string host, string database) =>
        PostgreSqlServer.Of(new Migrations.DatabaseSpec { Name = "shop", Kind = "PostgreSql", ConnectionString = $"Host={host};Database={database}", BaseFolder = "." });

    public sealed class Other : IAsyncDisposable
    {
        internal PostgreSqlCluster Cluster { get; } = new();

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}
