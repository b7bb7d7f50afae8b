using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Shop.Logging;

namespace Shop;

/// <summary>What the shop and the edge have in common as servers: loopback only, quiet, graceful at SIGTERM.</summary>
internal static class LocalServer
{
    /// <summary>Shorter than the ten seconds after which a deployment ends an instance by force.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    /// <summary>Prepares a server on a loopback port that logs warnings, and its own words, to a file.</summary>
    public static WebApplicationBuilder Prepare(int port, string? log)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,

            // Nothing here is configured by files that could change, and watches are scarce on a busy machine.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Grace);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new FileLog(log, TimeProvider.System));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Shop", LogLevel.Information);
        return builder;
    }

    /// <summary>Serves until SIGTERM or Ctrl+C and lets the requests in flight end.</summary>
    /// <param name="app">The server.</param>
    /// <param name="name">What it calls itself.</param>
    /// <param name="listening">Is called with its address when it listens, before it says so.</param>
    /// <returns>0, or 1 where the server could not start.</returns>
    public static async Task<int> RunAsync(WebApplication app, string name, Func<Uri, ILogger, Task>? listening = null)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop.Server");
        try
        {
            await app.StartAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            logger.LogCritical(exception, "{Name} cannot start.", name);
            await Console.Error.WriteLineAsync($"shop: {name} cannot start: {exception.Message}");
            return 1;
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await (listening?.Invoke(new Uri(address), logger) ?? Task.CompletedTask);
        logger.LogInformation("{Name} listens on {Address}.", name, address);
        await Console.Out.WriteLineAsync($"{name} listens on {address}");
        await app.WaitForShutdownAsync(CancellationToken.None);
        logger.LogInformation("{Name} has stopped.", name);
        return 0;
    }
}
