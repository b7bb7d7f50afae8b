using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.Features;
using Shop.CommandLine;
using Shop.Metrics;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace Shop.Edge;

/// <summary>Runs the edge: a YARP reverse proxy that adds weights, a count of requests in flight, and the revision it routes by.</summary>
internal static class EdgeCommand
{
    /// <summary>Serves until it is told to stop.</summary>
    /// <exception cref="UsageException">The first configuration cannot be read.</exception>
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        var path = Path.GetFullPath(arguments.Text("config"));
        var builder = LocalServer.Prepare(arguments.Port("port"), arguments.Find("log"));
        builder.Services.AddSingleton(services => ReadFirst(path, services));
        builder.Services.AddSingleton<IProxyConfigProvider>(services => services.GetRequiredService<EdgeConfigProvider>());
        builder.Services.AddHostedService(services => services.GetRequiredService<EdgeConfigProvider>());
        builder.Services.AddSingleton<RoutingTable>();
        builder.Services.AddSingleton<IConfigChangeListener>(services => services.GetRequiredService<RoutingTable>());
        builder.Services.AddSingleton<RequestMetrics>();
        builder.Services.AddSingleton<WeightedPolicy>();
        builder.Services.AddSingleton<ILoadBalancingPolicy>(services => services.GetRequiredService<WeightedPolicy>());

        // A transform runs when YARP has counted the request as in flight at its destination.
        builder.Services.AddReverseProxy().AddTransforms(route => route.AddRequestTransform(request =>
        {
            request.HttpContext.Features.GetRequiredFeature<RoutingTicket>().Leave();
            return ValueTask.CompletedTask;
        }));

        // For sticky sessions, which this edge has none of, YARP brings keys that would be left in the user's home.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.Remove(builder.Services.Single(service => service.ImplementationType?.Name == "DataProtectionHostedService"));
        await using var app = builder.Build();
        var requests = app.Services.GetRequiredService<RequestMetrics>();
        app.UseWhen(
            context => !context.Request.Path.StartsWithSegments("/_edge", StringComparison.Ordinal),
            proxied => proxied.Use(next => context => requests.CountAsync(context, next, code => $"code=\"{code}\"")));
        try
        {
            app.MapReverseProxy(pipeline => pipeline.Use(ChooseAsync));
        }
        catch (InvalidOperationException exception)
        {
            throw new UsageException($"{path}: {exception.InnerException?.Message ?? exception.Message}");
        }

        new EdgeEndpoints(app.Services.GetRequiredService<RoutingTable>(), requests).Map(app);
        return await LocalServer.RunAsync(app, "edge");
    }

    /// <summary>Asks the policy for every request. YARP's own balancing does not ask where one destination is left, and a weight of 0 must hold there too.</summary>
    private static async Task ChooseAsync(HttpContext context, RequestDelegate next)
    {
        var ticket = context.RequestServices.GetRequiredService<RoutingTable>().Enter();
        try
        {
            context.Features.Set(ticket);
            var proxied = context.GetReverseProxyFeature();
            var chosen = context.RequestServices.GetRequiredService<WeightedPolicy>()
                .PickDestination(context, proxied.Route.Cluster!, proxied.AvailableDestinations);
            proxied.AvailableDestinations = chosen is null ? [] : [chosen];
            await next(context);
        }
        finally
        {
            ticket.Leave();
        }
    }

    private static EdgeConfigProvider ReadFirst(string path, IServiceProvider services)
    {
        try
        {
            return new EdgeConfigProvider(path, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<EdgeConfigProvider>>());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new UsageException($"{path}: {exception.Message}");
        }
    }
}
