using System.Globalization;
using System.Runtime.InteropServices;

namespace DeployOps.Host;

/// <summary>
/// Hears Ctrl+C, SIGTERM and SIGHUP. The first asks the script to stop, which takes as long as its clean-up does; the second
/// says how long that has been; the third ends the process where it stands.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private const int HardStopAfter = 3;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Terminal _terminal;
    private readonly TimeProvider _time;
    private long _firstAt;
    private int _count;

    public StopSignals(Terminal terminal, TimeProvider time)
    {
        _terminal = terminal;
        _time = time;
        Register(PosixSignal.SIGINT, "Ctrl+C", number: 2);
        Register(PosixSignal.SIGTERM, "SIGTERM", number: 15);
        Register(PosixSignal.SIGHUP, "SIGHUP", number: 1);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>128 and the number of the first signal; null where none came.</summary>
    public int? ExitCode { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
    }

    private void Register(PosixSignal signal, string name, int number) =>
        _registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            Hear(signal, name, number);
        }));

    private void Hear(PosixSignal signal, string name, int number)
    {
        lock (_gate)
        {
            if (ExitCode is null)
            {
                ExitCode = ExitCodes.SignalBase + number;
                _count = 1;
                _firstAt = _time.GetTimestamp();
                _terminal.WriteError($"{name}: stopping. The work in progress is brought to its end first.{Environment.NewLine}");
                _ = _stop.CancelAsync();
                return;
            }

            // A closing terminal sends SIGHUP more than once; no person meant that as impatience.
            _count += signal == PosixSignal.SIGHUP ? 0 : 1;
            if (_count < HardStopAfter)
            {
                var waited = _time.GetElapsedTime(_firstAt).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
                _terminal.WriteError($"{name}: still stopping, {waited} s so far. Once more ends it at once, without clean-up.{Environment.NewLine}");
                return;
            }
        }

        _terminal.WriteError($"{name}: ended at once. Run the same command again to carry on from the journal.{Environment.NewLine}");
        _terminal.Dispose();
        Environment.Exit(ExitCode.Value);
    }
}
