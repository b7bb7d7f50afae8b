using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Watching;
using static DeployOps.Adapters.Tests.MariaDb.MariaDbBackupBench;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A restore breaks no replication: what it would break it by is told before anything is touched.</summary>
public sealed class MariaDbReplicatedRestoreTests(MariaDbReplicatedCluster cluster) : IClassFixture<MariaDbReplicatedCluster>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("deployops-replicated-").FullName;

    [Fact]
    public async Task A_replica_that_would_replay_the_exchange_alone_keeps_a_restore_from_being_done()
    {
        await using var database = await CreateAsync("filtered");
        var (file, taken) = await BackUpAsync(database);
        await cluster.ExecuteAsync("INSERT INTO filtered.orders VALUES (2)");
        await cluster.FilterAsync("replicate_do_db", "filtered");

        var hindrance = await database.Backups.FindHindranceAsync(default);
        var error = await Should.ThrowAsync<DeployOpsException>(database.Backups.RestoreAsync(file, taken, default));
        await cluster.FilterAsync("replicate_wild_do_table", @"filtered.%,deployops\\_%.%");
        await database.Backups.RestoreAsync(file, taken, default);

        var why = "replica 2 leaves out what is made in databases deployops_… (replicate_do_db=filtered), replays the exchange with it, and stops there";
        hindrance.ShouldNotBeNull().ShouldSatisfyAllConditions(found => found.Why.ShouldBe(why), found => found.IsCertain.ShouldBeTrue());
        error.ErrorId.ShouldBe("RestoreFailed");
        error.Message.ShouldContain($@"{why}. It is as it was before. Let it replicate that, too: replicate_wild_do_table=filtered.%,deployops\_%.%. Or take it out");
        await cluster.CatchUpAsync();
        (await cluster.ScalarThereAsync("SELECT GROUP_CONCAT(x) FROM filtered.orders")).ShouldBe("1");
        await cluster.FilterAsync("replicate_wild_do_table", "");
    }

    [Fact]
    public async Task Who_reads_the_log_and_cannot_be_asked_is_told_and_keeps_nothing_from_being_restored()
    {
        await using var database = await CreateAsync("captured");
        var (file, taken) = await BackUpAsync(database);
        await using var reader = await cluster.ReadLogAsync();

        var told = await database.Backups.RestoreAsync(file, taken, counted: null, default);
        await using var counted = Open("captured", cluster.ConnectionString("captured"), new MigrationLimits { Replicas = 1 });

        told.ShouldBe("whether each replica replays what is made in databases deployops_…, without which it would stop at the exchange, is not known: 1 who read the binary log are not registered with report_host. See there that no filter in SHOW ALL SLAVES STATUS leaves them out.");
        (await counted.Backups.FindHindranceAsync(default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_server_that_replays_what_another_sends_of_the_database_does_not_restore_it()
    {
        await using var database = await CreateAsync("replayed");
        await using var there = Open("replayed", cluster.ReplicaOf("replayed"));
        var (file, taken) = await BackUpAsync(database);

        var error = await Should.ThrowAsync<DeployOpsException>(there.Backups.RestoreAsync(file, taken, default));
        await cluster.PauseAsync();
        await there.Backups.RestoreAsync(file, taken, default);
        await cluster.ResumeAsync();
        await cluster.CatchUpAsync();

        error.ErrorId.ShouldBe("RestoreFailed");
        error.Message.ShouldMatch(@"the server replays what 127\.0\.0\.1:[0-9]+ sends of it, and would go on with that on the restored tables\. It is as it was before\. Restore it on 127\.0\.0\.1:[0-9]+; where nothing is written there, STOP SLAVE here");
    }

    [Fact]
    public async Task What_replays_the_events_of_another_server_is_not_disconnected()
    {
        await using var database = await CreateAsync("applied");
        var (file, _) = await BackUpAsync(database);
        await cluster.CatchUpAsync();
        await cluster.PauseAsync();
        await cluster.ExecuteAsync("CREATE TABLE applied.slow (x int); SET SESSION binlog_format = STATEMENT; USE applied; INSERT INTO slow SELECT SLEEP(2)");
        var server = MariaDbServer.Of(Spec("applied", cluster.ReplicaOf("applied")));
        await using (var scratch = await MariaDbScratch.BesideAsync(server, default))
        {
            await scratch.FillAsync(file, default);
            var begun = false;
            var swap = new MariaDbSwap(server, scratch)
            {
                // As one that was started while the copy was put in place.
                BeforeReplacing = () => begun = begun || ReplayAsync().GetAwaiter().GetResult(),
            };

            await swap.TakePlaceAsync(default);
        }

        (await RunsAsync()).ShouldBeTrue();

        async Task<bool> ReplayAsync()
        {
            await cluster.ResumeAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (await cluster.ScalarThereAsync("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'system user' AND DB = 'applied'") == "0")
            {
                await Task.Delay(20, limit.Token);
            }

            return true;
        }
    }

    [Fact]
    public async Task A_binary_log_that_has_the_exchange_and_not_what_it_needs_keeps_a_restore_from_being_done()
    {
        await using var logging = new MariaDbCluster { Options = ["--server-id=9", "--log-bin=binlog", "--binlog-do-db=shop_1"] };
        await using var shop = await logging.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders VALUES (1)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, default));

        error.Message.ShouldContain("the server's binary log leaves out what is made in databases deployops_… (binlog_do_db=shop_1), and has the exchange with it: whoever replays the log stops there. It is as it was before.");
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<bool> RunsAsync() => await cluster.ScalarThereAsync("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'system user' AND COMMAND = 'Slave_SQL'") == "1";

    private async Task<MariaDbDatabase> CreateAsync(string name)
    {
        Assert.SkipUnless(MariaDbCluster.IsInstalled, "MariaDB is not installed: no /usr/sbin/mariadbd.");
        await cluster.ExecuteAsync($"CREATE DATABASE {name}; CREATE TABLE {name}.orders (x int); INSERT INTO {name}.orders VALUES (1)");
        await cluster.CatchUpAsync();
        return Open(name, cluster.ConnectionString(name));
    }

    private async Task<(string File, DatabaseFingerprint Taken)> BackUpAsync(MariaDbDatabase database)
    {
        var file = Path.Combine(folder, "backup.sql");
        return (file, await database.Backups.BackupAsync(file, default));
    }

    private MariaDbDatabase Open(string name, string connectionString, MigrationLimits? limits = null) => new(Spec(name, connectionString, limits), TimeProvider.System, MariaDbShop.Quick);

    private DatabaseSpec Spec(string name, string connectionString, MigrationLimits? limits = null) =>
        new() { Name = name, Kind = "MariaDb", ConnectionString = connectionString, BaseFolder = folder, Limits = limits ?? new() };
}
