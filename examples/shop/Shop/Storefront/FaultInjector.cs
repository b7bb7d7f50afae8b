namespace Shop.Storefront;

/// <summary>Does what the release's fault says, and nothing in a good release.</summary>
internal sealed class FaultInjector(Release release, TimeProvider clock)
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan GoodStart = TimeSpan.FromSeconds(10);
    private readonly long _started = clock.GetTimestamp();
    private int _pages;

    /// <summary>Lets a request through, late or not at all.</summary>
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (release.Fault == Fault.Slow)
        {
            await Task.Delay(Delay, clock, context.RequestAborted);
        }

        if (Breaks(context.Request.Path))
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync("This release has a fault.\n", context.RequestAborted);
            return;
        }

        await next(context);
    }

    private bool Breaks(PathString path) => release.Fault switch
    {
        Fault.CheckoutFails => path == "/checkout",
        Fault.LateErrors => IsPage(path) && clock.GetElapsedTime(_started) >= GoodStart && Interlocked.Increment(ref _pages) % 5 == 0,
        _ => false,
    };

    private static bool IsPage(PathString path) => path != "/healthz" && path != "/version" && path != "/metrics";
}
