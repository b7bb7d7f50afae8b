using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A restore beside the live database of a server with a binary log and a replica; a replica that is asked.</summary>
[Collection(MariaDbBackupBench.OneAfterAnother)]
public sealed class MariaDbPacedRestoreTests(MariaDbReplicatedCluster cluster) : IClassFixture<MariaDbReplicatedCluster>, IDisposable
{
    private const long Limit = 4 << 20;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deployops-paced-");

    [Fact]
    public async Task A_restore_beside_the_live_database_is_held_while_the_replica_is_behind_and_goes_on_once_it_has_caught_up()
    {
        await using var database = await CreateAsync("paced", new MigrationLimits { MaxLagBytes = Limit });
        var taken = await database.Backups.BackupAsync(File("paced.sql"), default);
        var observer = new RecordedProof();
        await using var slow = await cluster.SlowAsync();

        var reading = database.Backups.ReadBackAsync(File("paced.sql"), observer, (_, _) => Task.CompletedTask, default);
        await observer.UntilAsync("held: ");
        await Task.Delay(TimeSpan.FromSeconds(3));
        var whileHeld = reading.IsCompleted;
        await slow.DisposeAsync();
        var read = await reading;

        whileHeld.ShouldBeFalse();
        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        var evidence = observer.Evidence.ShouldNotBeNull();
        evidence.Held.ShouldBeGreaterThan(TimeSpan.FromSeconds(2));
        evidence.PeakLagBytes.ShouldBeInRange(Limit, 4 * Limit);
        evidence.Fired[0].ShouldContain("the gate before more of the restore held for ");
        evidence.ToString().ShouldContain("restored on its own server, held for ");
        TestContext.Current.SendDiagnosticMessage("{0}; {1}", evidence, string.Join("; ", evidence.Fired));
    }

    [Fact]
    public async Task A_replica_that_stays_behind_leaves_unknown_what_the_backup_holds()
    {
        await using var database = await CreateAsync("behind", new MigrationLimits { MaxLagBytes = Limit, Hold = TimeSpan.FromSeconds(2) });
        await database.Backups.BackupAsync(File("behind.sql"), default);
        DeployOpsException error;
        await using (await cluster.SlowAsync())
        {
            error = await Should.ThrowAsync<DeployOpsException>(database.Backups.ReadBackAsync(File("behind.sql"), new RecordedProof(), (_, _) => Task.CompletedTask, default));
        }

        error.ErrorId.ShouldBe("BackupProofUnknown");
        error.Message.ShouldContain("behind, at most 4 MiB and 10 s; held for 2");
        error.Message.ShouldContain("Name a server for proofs by Databases.Scratch");
        (await cluster.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'deployops\\_%'")).ShouldBe("0");
    }

    // A server with a binary log takes triggers and functions of accounts with rights on the whole of it alone.
    [Fact]
    public async Task With_a_binary_log_scripts_are_rehearsed_as_far_as_they_make_triggers()
    {
        await using var database = await CreateAsync("logged", new MigrationLimits());
        await cluster.ExecuteAsync("CREATE FUNCTION logged.one() RETURNS int DETERMINISTIC RETURN 1; CREATE TRIGGER logged.noted BEFORE INSERT ON logged.orders FOR EACH ROW SET NEW.note = one()");
        await database.Backups.BackupAsync(File("logged.sql"), default);
        MigrationRehearsal? rehearsal = null;

        await database.Backups.ReadBackAsync(
            File("logged.sql"),
            async (copy, _) =>
            {
                var scripts = new[] { MariaDbShop.Script("1__a", "INSERT INTO orders (id) VALUES (-1)"), MariaDbShop.Script("2__b", "CREATE TRIGGER later AFTER INSERT ON orders FOR EACH ROW SET @a = 1") };
                rehearsal = await new MigrationRehearser(copy, new SilentReporter(), TimeProvider.System).RunAsync(Spec("logged", new()), scripts, [], default);
            },
            default);

        rehearsal.ShouldNotBeNull().Scripts.ShouldHaveSingleItem().Script.ShouldBe("V1__a.sql");
        rehearsal.Scripts[0].NotReversible.ShouldBe("taking it back was not tried");
        rehearsal.PointOfNoReturn.ShouldBeNull();
        rehearsal.Untried.ShouldStartWith("not rehearsed beyond V2__b.sql:1: You do not have the SUPER privilege and binary logging is enabled");
        rehearsal.ToString().ShouldEndWith("neither what comes after that statement nor the ways back were tried");
    }

    [Fact]
    public async Task A_replica_is_asked_once_it_has_what_the_primary_had()
    {
        await using var database = await CreateAsync("asked", new());
        var replica = database.Validations.Replica.ShouldNotBeNull();
        await cluster.PauseAsync();
        await cluster.ExecuteAsync("INSERT INTO asked.orders VALUES (-7, 'new')");

        var asking = replica.QueryAsync("SELECT id, @@server_id FROM orders WHERE id < 0", 5, text => text, default);
        await Task.Delay(500);
        var waited = !asking.IsCompleted;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Should.ThrowAsync<OperationCanceledException>(replica.QueryAsync("SELECT 1", 5, text => text, limit.Token));
        await cluster.ResumeAsync();

        (await asking).SampleRows.ShouldBe(["id=-7, @@server_id=2"]);
        waited.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_follows_none_is_no_replica()
    {
        await using var database = await CreateAsync("alone", new());
        await using var own = new MariaDbDatabase(Spec("alone", new()) with { Replica = cluster.ConnectionString("alone") }, TimeProvider.System, MariaDbShop.Quick);

        var error = await Should.ThrowAsync<DeployOpsException>(own.Validations.Replica!.QueryAsync("SELECT 1", 5, text => text, default));

        error.ErrorId.ShouldBe("DatabaseReadFailed");
        error.Message.ShouldContain("is no replica: it follows no other server");
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string File(string name) => Path.Combine(folder.FullName, name);

    private async Task<MariaDbDatabase> CreateAsync(string name, MigrationLimits limits)
    {
        Assert.SkipUnless(MariaDbCluster.IsInstalled, "MariaDB is not installed: no /usr/sbin/mariadbd.");
        await cluster.ExecuteAsync($"CREATE DATABASE {name}; CREATE TABLE {name}.orders (id int PRIMARY KEY, note varchar(400)); INSERT INTO {name}.orders SELECT seq, REPEAT(MD5(seq), 12) FROM {name}.seq_1_to_40000");
        await cluster.CatchUpAsync();
        return new MariaDbDatabase(Spec(name, limits), TimeProvider.System, MariaDbShop.Quick);
    }

    private DatabaseSpec Spec(string name, MigrationLimits limits) =>
        new() { Name = "shop", Kind = "MariaDb", ConnectionString = cluster.ConnectionString(name), Replica = cluster.ReplicaOf(name), BaseFolder = folder.FullName, Limits = limits };
}
