using Shop.CommandLine;
using Shop.Metrics;
using Shop.Store;

namespace Shop.Storefront;

/// <summary>Runs one instance of the shop.</summary>
internal static class ServeCommand
{
    /// <summary>The exit code of a release that crashes when it starts: <c>EX_SOFTWARE</c> of sysexits.h.</summary>
    private const int Crashed = 70;

    private static readonly string[] KnownPaths = ["/", "/search", "/login", "/checkout", "/healthz", "/version", "/metrics"];

    /// <summary>Serves until it is told to stop.</summary>
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        var release = Release.Read(AppContext.BaseDirectory);
        var settings = ShopSettings.Read(arguments.Text("settings"), release);
        var instance = arguments.Text("instance");
        var database = ShopDatabase.Of(arguments.Text("database"));
        var builder = LocalServer.Prepare(arguments.Port("port"), arguments.Find("log"));
        await using var app = builder.Build();
        if (release.Fault == Fault.CrashOnStart)
        {
            app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop.Release").LogCritical("Release {Version} crashes when it starts.", release.Version);
            return Crashed;
        }

        var clock = app.Services.GetRequiredService<TimeProvider>();
        var requests = new RequestMetrics(clock);
        var placed = new LabelledCounter("shop_orders_total");
        placed.Declare("");
        var warmUp = new WarmUp();
        var faults = new FaultInjector(release, warmUp, clock, app.Logger);
        var orders = new OrderBook(database, release, settings, clock);
        app.Use(next => context => requests.CountAsync(context, next, code => Labels(context, code)));
        app.Use(next => context => faults.PassAsync(context, next));
        new StoreEndpoints(release, settings, new Catalogue(database), new Customers(database), orders, () => placed.Increment(""), app.Logger).Map(app);
        new OperationsEndpoints(release, instance, orders, requests, placed, warmUp).Map(app);
        return await LocalServer.RunAsync(app, $"shop {release.Version} {instance}", warmUp.RunAsync);
    }

    /// <summary>Paths nobody serves share one label, or any visitor could make a series.</summary>
    private static string Labels(HttpContext context, int code)
    {
        var path = context.Request.Path.Value ?? "";
        var method = HttpMethods.IsGet(context.Request.Method) ? "GET" : HttpMethods.IsPost(context.Request.Method) ? "POST" : "other";
        return $"method=\"{method}\",path=\"{(KnownPaths.Contains(path) ? path : "other")}\",code=\"{code}\"";
    }
}
