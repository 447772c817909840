#pragma once

namespace ccrelay::testing {

/// The key of RFC 7515 appendix A.2, as PKCS #8. Everybody has it.
inline constexpr char rfc7515_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh+BYK4uPJtGXO\n"
    "jS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxL\n"
    "aYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNn\n"
    "juygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5\n"
    "ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkf\n"
    "toaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHg\n"
    "VFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyW\n"
    "PEAeP88vLNO97IjlA7/GQ5sLKMgvfTeXZx9SE+7YwVol2NXOoAJe46sui395IW/G\n"
    "O+pWJ1O0BkTGoVEn2bKVRUCgu+GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzj\n"
    "kn439X0M/V51gfpRLI9JYanrC4D4qAdGcopV/0ZHHzQlBjudU2QvXt4ehNYTCBr6\n"
    "XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl/x/jTj3ccPDVZFD9pIuhLhBOneufuBiB\n"
    "4cS98l2SR/RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0K\n"
    "pLttoLhyt3SmqdEf/kgHePDdtzEafpAu+cS191R2JiuoF2yzWXnwFDcqGigp5BNr\n"
    "0AHQfD8/Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqE\n"
    "lMGAg+C2V0L4oNXnP7LZcPAZRwKBgQC5A8R+CZW2MvRTLLHzwZkUXV866cff7tx6\n"
    "kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAP\n"
    "rq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS/l1OW1EnXUEoEHKl54Xrrz2uNw\n"
    "kgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7/Ls5bkUp\n"
    "5u9SN0Ai3Ya6hNnvWJMb7sXQX6U/zyO2M/hTip7tUeh7CXgwo59dkpN75gJLVds2\n"
    "9+DAncu3KXU4f2Fa+7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf/\n"
    "evpitUf+4JYbLpvNXWcY052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcG\n"
    "yoAe9fa65iNqCq+jdw6PVNGo2hxfjSiZ8IIzHdsPXI89//pMjZcQK9r+CCoRjaZj\n"
    "OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2\n"
    "tOgrjbcrfvtQJipd+DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd/QJQ3\n"
    "ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp/gh6A56\n"
    "03k2+ZQwVK0JKSHuLFkuQ3U=\n"
    "-----END PRIVATE KEY-----\n";

/// Made for these tests, and of no use: an elliptic curve's, and an RSA key of 1024 bits.
inline constexpr char p256_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPUe5flJT3wH7LzUr\n"
    "+V8qWtMUF4u0u8eWhjmWxdm3/yKhRANCAATxl/+kJri/2rwk6siMqygCTLenCYbe\n"
    "1H1vzYD2RUVwIrkanw9gF0jHyHEhB8dkz8ZklTh5491AiTgRA7AZvqLk\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr char short_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAMsKWLby0rGgpyCS\n"
    "wUTu545yr03XfkD04RkkUNuAfYItn7FsfFDS2ZYWJVoTN5IApKKNCrfyM81NVzJc\n"
    "55x+rrzb9T+s2lc7OyeWFlwqbWqt14rXaclWrE6/V/SEc8XwUgTvBH5VKyZ+38tF\n"
    "c3fl86p6x1kJy/bAfmK+mo9altj/AgMBAAECgYEAhYszmHkTzVLuOcVsqws7b/zM\n"
    "grVmzBCEcUXqjMTxSAr8CvVgusRD6qx8OseC+FvF7Ug5MY1zNuhUnsJucAb+o/nd\n"
    "RVgHgUZVatH0mlYTob6X8629elnyyJx8gp2P+YhaC/b5p7J48eLkUvVXUTD+eu2X\n"
    "Xu73wM/rqNqqrfrmCoECQQD76EN/kYG0lbqTG4BCM27ujQyCIM3OZPW4uX5iJriT\n"
    "5bFQC5l8E+2rCYN4O2YT1v4CMg0iSq/zq4TE0rIN4ZrBAkEAzlbVypvxRJazwS9w\n"
    "6YoJOjZFBhTzVwaglssIbz40Q/BwANZNIUHoxuB9kDZNdUyqyK+71x8F9c5LoBG0\n"
    "uhwjvwJBANjKdbSGs/qG1S+e/k162CBCkR44PwY+Ct5z/NlZe4YEqgk6QlfvCp4k\n"
    "rNk/PUUbxDR9gKIfZresx7Ffpk6d9sECQHnFq3RgJboZyknnipZ4/Usafg/By35/\n"
    "jcSQXBDyv/ucaS1FS82lzQ+ZquCx+3KPZXb8pzmkuGrBbcYwzNzNAJcCQQCs2+3m\n"
    "zjELHXdVmo3q5XdTv0NQD54X7x6aZ0vLHlmfAobIkz5cCVkosVfNexb1tUzcP01h\n"
    "JZrfBh6digPO8YlQ\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace ccrelay::testing
