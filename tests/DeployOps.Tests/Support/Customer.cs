namespace DeployOps.Tests.Support;

/// <summary>Somebody who looks at the loopback shop all the time and counts what was not answered.</summary>
internal sealed class Customer : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly CancellationTokenSource _leaves = new();
    private readonly List<string> _failures = [];
    private readonly Task _visit;

    public Customer(LoopbackShop shop) => _visit = Task.Run(() => VisitAsync($"{shop.UriOf("edge")}/version"));

    /// <summary>How many answers were good.</summary>
    public int Served { get; private set; }

    /// <summary>Leaves, and tells what was not answered well.</summary>
    public async Task<IReadOnlyList<string>> LeaveAsync()
    {
        await _leaves.CancelAsync();
        await _visit;
        return _failures;
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        _leaves.Dispose();
        _http.Dispose();
    }

    private async Task VisitAsync(string address)
    {
        while (!_leaves.IsCancellationRequested)
        {
            try
            {
                using var answer = await _http.GetAsync(address);
                if (answer.IsSuccessStatusCode)
                {
                    Served++;
                }
                else
                {
                    _failures.Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                }
            }
            catch (HttpRequestException e)
            {
                _failures.Add(e.Message);
            }

            await Task.Delay(Pause);
        }
    }
}
