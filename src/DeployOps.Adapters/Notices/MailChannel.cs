using System.Net.Sockets;
using DeployOps.Notices;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Polly;
using Polly.Timeout;

namespace DeployOps.Adapters.Notices;

/// <summary>Sends notices as mail. The message's id is made of the notice's key, so that a receiver who has it drops the second one.</summary>
internal sealed class MailChannel(MailSpec spec, TimeProvider timeProvider) : INoticeChannel
{
    private readonly ResiliencePipeline tries = ChannelTries.Of(Passes, timeProvider);

    /// <inheritdoc/>
    public async Task<string?> SendAsync(Notice notice, CancellationToken cancellationToken)
    {
        try
        {
            return await tries.ExecuteAsync(async token => await SendOnceAsync(notice, token), cancellationToken);
        }
        catch (SmtpCommandException e) when (IsOfMail(e))
        {
            throw ChannelTries.Refused($"{spec.Server}:{spec.Port} refused the mail itself: {e.Message.TrimEnd('.')}.", "See what the server says about it.", e);
        }
        catch (AuthenticationException e)
        {
            throw ChannelTries.NotTaken($"{spec.Server} does not let {spec.User} in: {e.Message}.", "Check user and password, and the certificate.", e);
        }
        catch (Exception e) when (e is SocketException or TimeoutRejectedException)
        {
            throw ChannelTries.NotReached($"{spec.Server}:{spec.Port} did not take the mail: {(e is TimeoutRejectedException ? "nothing came in time" : e.Message)}.", "See that it can be reached from here.", e);
        }
        catch (Exception e) when (e is CommandException or ProtocolException or ServiceNotConnectedException or ServiceNotAuthenticatedException or SslHandshakeException or NotSupportedException or IOException)
        {
            throw ChannelTries.NotTaken($"{spec.Server}:{spec.Port} did not take the mail: {e.Message}.", "See what the server says about sender, receivers and security.", e);
        }
    }

    private async Task<string?> SendOnceAsync(Notice notice, CancellationToken cancellationToken)
    {
        using var client = new Client();
        await client.ConnectAsync(spec.Server, spec.Port, spec.Security switch
        {
            MailSecurity.StartTls => SecureSocketOptions.StartTls,
            MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
            _ => SecureSocketOptions.None,
        }, cancellationToken);
        if (spec is { User: { } user, Password: { } password })
        {
            await client.AuthenticateAsync(user, password, cancellationToken);
        }

        using var message = Message(notice);
        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
        return client.Refused.Count == 0 ? null : $"{spec.Server}:{spec.Port} has no such receiver: {string.Join("; ", client.Refused.Select(refused => $"{refused.Mailbox.Address} ({refused.Response.Response.TrimEnd('.')})"))}. The others got the mail.";
    }

    private MimeMessage Message(Notice notice)
    {
        var message = new MimeMessage
        {
            Subject = notice.Title,
            Date = notice.Time,
            MessageId = $"{notice.Key.Replace('/', '.')}@deployops.{notice.Environment}",
            Body = new TextPart("plain") { Text = $"{notice.Title}\n\n{notice.Text}\n\n{notice.Key}\n" },
        };
        message.From.Add(MailboxAddress.Parse(spec.From));
        message.To.AddRange(spec.To.Select(MailboxAddress.Parse));
        // Nobody's absence is answered, and no other machine answers this one.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add("X-DeployOps-Key", notice.Key);

        return message;
    }

    // Its text at the end, or its size before it was sent: RFC 1870, section 6.1. A quota or a filter may be behind it, and so it is not known to be the mail before another was taken.
    private static bool IsOfMail(SmtpCommandException refused) =>
        (refused.ErrorCode == SmtpErrorCode.MessageNotAccepted && (int)refused.StatusCode >= 500) ||
        (refused.ErrorCode == SmtpErrorCode.SenderNotAccepted && refused.StatusCode == SmtpStatusCode.ExceededStorageAllocation);

    private static bool Passes(Exception exception) => exception switch
    {
        // 4xx is the server's own "later"; 5xx stays so.
        SmtpCommandException refused => (int)refused.StatusCode is >= 400 and < 500,
        SocketException or IOException or SmtpProtocolException => true,
        _ => false,
    };

    /// <summary>Sends to those that the server takes: one colleague who has left does not keep the others from being told.</summary>
    private sealed class Client : SmtpClient
    {
        /// <summary>Who was refused for good.</summary>
        internal List<(MailboxAddress Mailbox, SmtpResponse Response)> Refused { get; } = [];

        /// <inheritdoc/>
        protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
        {
            if ((int)response.StatusCode < 500)
            {
                // Later, says the server: then all of it goes again.
                base.OnRecipientNotAccepted(message, mailbox, response);
            }

            Refused.Add((mailbox, response));
        }

        /// <inheritdoc/>
        protected override void OnNoRecipientsAccepted(MimeMessage message) =>
            throw new SmtpCommandException(SmtpErrorCode.RecipientNotAccepted, Refused[^1].Response.StatusCode, Refused[^1].Mailbox, Refused[^1].Response.Response);
    }
}
