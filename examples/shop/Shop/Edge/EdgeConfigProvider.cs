using System.Text.Json;
using Yarp.ReverseProxy.Configuration;

namespace Shop.Edge;

/// <summary>
/// Follows the configuration file. It compares the text instead of waiting for notices: a rename over the file, two changes within one
/// tick of the file's clock, and a file system without notices are then all the same.
/// </summary>
internal sealed class EdgeConfigProvider : BackgroundService, IProxyConfigProvider
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private string _text;
    private CancellationTokenSource _replaced = new();
    private volatile IProxyConfig _current;

    /// <summary>Reads the file for the first time.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="JsonException">The file does not parse: there is no older configuration to keep.</exception>
    public EdgeConfigProvider(string path, TimeProvider clock, ILogger logger)
    {
        _path = path;
        _clock = clock;
        _logger = logger;
        _text = File.ReadAllText(path);
        _current = new EdgeProxyConfig(EdgeConfiguration.Parse(_text), _replaced.Token);
    }

    /// <inheritdoc/>
    public IProxyConfig GetConfig() => _current;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _replaced.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _clock);
        var unreadable = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
                unreadable = false;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (!unreadable)
                {
                    _logger.LogError("{Path} cannot be read: {Reason} The edge keeps revision {Revision}.", _path, exception.Message, _current.RevisionId);
                }

                unreadable = true;
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(_path, cancellationToken);
        if (text == _text)
        {
            return;
        }

        _text = text;
        try
        {
            var configuration = EdgeConfiguration.Parse(text);
            var old = _replaced;
            _replaced = new CancellationTokenSource();
            _current = new EdgeProxyConfig(configuration, _replaced.Token);
            _logger.LogInformation("{Path} is now revision {Revision}.", _path, configuration.Revision);
            await old.CancelAsync();
            old.Dispose();
        }
        catch (JsonException exception)
        {
            _logger.LogError("{Path} does not parse: {Reason} The edge keeps revision {Revision}.", _path, exception.Message, _current.RevisionId);
        }
    }
}
