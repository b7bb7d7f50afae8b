using DeployOps.Adapters.PostgreSql;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlProcessorTests(PostgreSqlCluster cluster)
{
    private static readonly MigrationLimits Half = new() { MaxCpu = 0.5 };

    [Fact]
    public async Task Processors_that_are_too_busy_hold_the_script_until_they_are_not()
    {
        await using var shop = await cluster.CreateAsync();
        var watch = new RecordedWatch { Processors = new ProcessorReading(0.93, "") };
        var applying = shop.Open(limits: Half).Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", watch, default);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var wasHeld = !applying.IsCompleted;

        watch.Processors = new ProcessorReading(0.5, "");
        await applying;

        wasHeld.ShouldBeTrue();
        var seen = watch.Evidence.ShouldNotBeNull();
        seen.Fired.ShouldHaveSingleItem().ShouldMatch(@"^the gate before the script held for [0-9.]+ s: the server's processors are 93 % busy, at most 50 %$");
        seen.PeakCpu.ShouldBe(0.93);
        watch.Told[0].ToString().ShouldContain(", processors 93 % busy, held: ");
    }

    [Fact]
    public async Task A_probe_that_fails_is_no_idle_host()
    {
        await using var shop = await cluster.CreateAsync();
        var watch = new RecordedWatch { Processors = new ProcessorReading(null, "the probe failed: no route to host") };

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(limits: Half).Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", watch, default));

        error.ErrorId.ShouldBe("MigrationGateHeld");
        error.Message.ShouldContain("how busy the server's processors are is unknown: the probe failed: no route to host; so at 3 looks in a row");
        watch.Evidence.ShouldNotBeNull().Unknown.ShouldContain("how busy the server's processors are: the probe failed: no route to host");
        (await shop.HasAsync("a")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_that_is_elsewhere_reads_its_own_processors()
    {
        await using var shop = await cluster.CreateAsync();
        await using var connection = await shop.ConnectAsync();
        var host = Elsewhere(shop);

        var first = await host.CpuAsync(connection);
        await Task.Delay(300);
        var second = await host.CpuAsync(connection);

        first.ShouldBeNull();
        second.ShouldNotBeNull().ShouldBeInRange(0, 1);
        host.ProcessorsUnknown.ShouldBeNull();
        host.Unknown.ShouldBe("the server's disk: it is not on this machine");
    }

    [Fact]
    public async Task An_account_that_may_not_have_them_read_is_told_what_to_grant_and_once_granted_they_are_known()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync($"CREATE ROLE {role}; GRANT pg_monitor TO {role}");
        await using var connection = await shop.ConnectAsync();
        await new NpgsqlCommand($"SET ROLE {role}", connection).ExecuteNonQueryAsync();
        async Task<(double? Cpu, string? Unknown)> AskAsync()
        {
            var host = Elsewhere(shop);
            await host.CpuAsync(connection);
            await Task.Delay(200);
            return (await host.CpuAsync(connection), host.ProcessorsUnknown);
        }

        var before = await AskAsync();
        await shop.ExecuteAsync($"GRANT pg_read_server_files TO {role}");
        var roleAlone = await AskAsync();
        await shop.ExecuteAsync($"GRANT EXECUTE ON FUNCTION pg_read_file(text) TO {role}");
        var after = await AskAsync();

        before.Cpu.ShouldBeNull();
        before.Unknown.ShouldBe("it is not on this machine, and the account may not read its /proc/stat: GRANT pg_read_server_files and EXECUTE ON FUNCTION pg_read_file(text), or give -CpuProbe");
        roleAlone.ShouldBe(before);
        after.Cpu.ShouldNotBeNull();
        after.Unknown.ShouldBeNull();
        await shop.ExecuteAsync($"DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
    }

    [Fact]
    public async Task A_rewrite_that_takes_long_is_told_of_each_second_and_by_how_much_the_database_has_grown()
    {
        await using var shop = await cluster.CreateAsync("""
            CREATE TABLE orders (id int); ALTER TABLE orders ADD picture text; ALTER TABLE orders ALTER picture SET STORAGE EXTERNAL; INSERT INTO orders SELECT n, repeat('x', 6000) FROM generate_series(1, 6000) n;
            CREATE FUNCTION slow(int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.001); RETURN repeat('y', 3000); END $$;
            """);
        var watch = new RecordedWatch();

        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__wide", "-- deployops: allow RWR001 reason=\"a test\"\nALTER TABLE orders ALTER id TYPE text USING slow(id)"), "kim", watch, default);

        var told = watch.Told;
        told[^1].Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(6));
        told.Zip(told.Skip(1), (one, next) => next.Elapsed - one.Elapsed).Max().ShouldBeLessThan(TimeSpan.FromSeconds(10));
        told[^1].ToString().ShouldMatch(@", the database grew by [0-9.]+ MiB");
        TestContext.Current.SendDiagnosticMessage("{0}", told[^1]);
    }

    [Fact]
    public async Task Where_the_size_of_the_database_is_not_told_looks_go_on_without_it()
    {
        await using var shop = await cluster.CreateAsync();
        var role = $"app_{Guid.NewGuid():N}";
        await shop.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'app'; GRANT CREATE ON DATABASE {shop.Name} TO {role}; REVOKE EXECUTE ON FUNCTION pg_database_size(oid), pg_database_size(name) FROM PUBLIC");
        var watch = new RecordedWatch();

        await shop.Open(connectionString: $"{shop.ConnectionString};Username={role};Password=app").Migrations.ApplyAsync(PostgreSqlShop.Script("1__long", "SELECT pg_sleep(5)"), "kim", watch, default);

        var evidence = watch.Evidence.ShouldNotBeNull();
        // A transaction that was left open by one look would make all others fail.
        evidence.Samples.ShouldBeGreaterThan(evidence.Missed);
        watch.Told.ShouldNotContain(told => told.ToString().Contains("grew", StringComparison.Ordinal));
        await shop.ExecuteAsync($"DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
    }

    // A process of this machine that is no server: it is taken for one of another machine.
    private static PostgreSqlHost Elsewhere(PostgreSqlShop shop) =>
        new(PostgreSqlServer.Of(new Migrations.DatabaseSpec { Name = "shop", Kind = "PostgreSql", ConnectionString = shop.ConnectionString, BaseFolder = shop.Folder }), Environment.ProcessId);
}
