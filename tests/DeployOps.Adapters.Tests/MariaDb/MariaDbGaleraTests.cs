using System.Globalization;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A lock by name is a node's own in a Galera cluster: runners meet only where they name the same node.</summary>
public sealed class MariaDbGaleraTests : IAsyncDisposable
{
    private const string Provider = "/usr/lib/galera/libgalera_smm.so";
    private readonly MariaDbCluster cluster;

    public MariaDbGaleraTests()
    {
        var (group, state) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        cluster = new MariaDbCluster
        {
            Options =
            [
                "--wsrep-on=ON", $"--wsrep-provider={Provider}", "--wsrep-cluster-address=gcomm://", "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-node-address=127.0.0.9", "--wsrep-node-name=one",
                string.Create(CultureInfo.InvariantCulture, $"--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{group};ist.recv_addr=127.0.0.1:{state}"),
            ],
        };
    }

    [Fact]
    public async Task Of_a_cluster_one_node_is_seen_which_is_told()
    {
        Assert.SkipUnless(File.Exists(Provider), $"Galera is not installed: no {Provider}.");
        await using var shop = await cluster.CreateAsync();
        var script = MariaDbShop.Script("1__orders", "CREATE TABLE orders (x int PRIMARY KEY)");
        var watch = new RecordedWatch();

        var unseen = await shop.Open().Migrations.FindUnseenAsync(default);
        await shop.Open().Migrations.ApplyAsync(script, "kim", watch, default);

        const string Told = "other nodes of the Galera cluster than one, of which the lock is by which one runner at a time migrates: every runner has to be led to this node";
        unseen.ShouldContain(Told);
        watch.Evidence.ShouldNotBeNull().Unknown.ShouldContain(Told);
        (await shop.HasAsync("orders")).ShouldBeTrue();
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();
}
