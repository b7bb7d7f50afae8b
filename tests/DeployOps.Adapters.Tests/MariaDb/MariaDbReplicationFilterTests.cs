using DeployOps.Adapters.MariaDb;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbReplicationFilterTests
{
    [Theory]
    [InlineData("do_db", "shop,crm", true)]
    [InlineData("do_db", "crm", false)]
    [InlineData("ignore_db", "shop", false)]
    [InlineData("ignore_db", "crm", false)]
    [InlineData("rewrite_db", "shop->store", true)]
    [InlineData("rewrite_db", "crm->store", false)]
    [InlineData("do_table", "shop.orders", true)]
    [InlineData("do_table", "crm.orders", false)]
    [InlineData("ignore_table", "shop.log", true)]
    [InlineData("ignore_table", "crm.log", false)]
    [InlineData("wild_do_table", "shop.%", true)]
    [InlineData("wild_do_table", "crm.%", false)]
    [InlineData("wild_do_table", @"shop.%,deployops\_%.%", false)]
    [InlineData("wild_do_table", @"shop.o%,deployops\_%.%", true)]
    [InlineData("wild_do_table", @"shop.%,deployops\_restore\_%.%", true)]
    [InlineData("wild_do_table", "%.%", false)]
    [InlineData("wild_ignore_table", @"deployops\_%.%", true)]
    [InlineData("wild_ignore_table", "shop.log%", true)]
    [InlineData("wild_ignore_table", "shop.%", false)]
    [InlineData("wild_ignore_table", @"sh\_p.%", false)]
    public void A_filter_that_parts_the_exchange_from_what_it_needs_is_named(string name, string values, bool splits)
    {
        IReadOnlyList<string> Of(string wanted) => wanted == name ? values.Split(',') : [];
        var filter = new MariaDbReplicationFilter("replicate_")
        {
            DoDatabases = Of("do_db"),
            IgnoreDatabases = Of("ignore_db"),
            Rewrites = Of("rewrite_db"),
            DoTables = Of("do_table"),
            IgnoreTables = Of("ignore_table"),
            WildDoTables = Of("wild_do_table"),
            WildIgnoreTables = Of("wild_ignore_table"),
        };

        filter.Splits("shop").ShouldBe(splits ? $"replicate_{name}={values}" : null);
    }
}
